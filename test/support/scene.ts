/**
 * A centre made by rule, its manifests in a folder, and the command line in this process against
 * it over HTTP: for counting what a command asks of the platform.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../../src/cli/program.js';
import { realWorld, type World } from '../../src/cli/world.js';
import { startSimulator, type Simulator } from '../../src/simulator/http.js';
import { createOrg, type SimRequest } from '../../src/simulator/org.js';
import { plainStyle } from '../../src/render/style.js';
import { watchExchange } from './fidelity.js';
import { GONE } from './gone.js';

export interface Size {
  readonly strategies: number;
  readonly queues: number;
  readonly users: number;
  readonly skills: number;
  readonly membersPerQueue: number;
}

/** Of the targets of every strategy. */
export const TARGETS = 3;

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What was sent, in the order of its arrival: method, path with query, and body. */
  readonly sent: readonly Pick<SimRequest, 'method' | 'path' | 'body'>[];
}

export class Scene {
  private sent: SimRequest[] = [];

  private constructor(
    readonly dir: string,
    readonly size: Size,
    readonly simulator: Simulator,
  ) {}

  /** Nothing is in the org but its queues and people. */
  static async open(size: Size, latencyMs = 0): Promise<Scene> {
    const { queues, users, skills, membersPerQueue } = size;
    const generate = { queues, users, skills, membersPerQueue, skillsPerUser: 3 };
    const org = createOrg({ generate }, { rateLimitPerMinute: 0 });
    const taps: ((request: SimRequest) => void)[] = [];
    const simulator = await startSimulator({
      org,
      latencyMs,
      tap: (request, response) => {
        watchExchange(request, response);
        taps.forEach((tap) => {
          tap(request);
        });
      },
    });
    const dir = await mkdtemp(path.join(tmpdir(), 'strategos-scene-'));
    const scene = new Scene(dir, size, simulator);
    taps.push((request) => scene.sent.push(request));
    await mkdir(path.join(dir, 'strategies'));
    await scene.write('environment', environment(simulator.url));
    const names = Array.from({ length: size.strategies }, (_, index) => index);
    for (const index of names) await scene.write(nameOf(index), scene.strategy(index));
    return scene;
  }

  async close(): Promise<void> {
    await this.simulator.close();
    await rm(this.dir, GONE);
  }

  async strategos(...args: string[]): Promise<Ran> {
    this.sent = [];
    const said = { out: '', err: '' };
    const world: World = {
      ...realWorld(),
      env: { GENESYS_CLIENT_ID: 'demo', GENESYS_CLIENT_SECRET: 'demo' },
      cwd: this.dir,
      interactive: false,
      outIsTerminal: false,
      outStyle: plainStyle,
      errStyle: plainStyle,
      out: (text) => (said.out += text),
      err: (text) => (said.err += text),
      onInterrupt: () => () => undefined,
      actor: 'tester',
      workflow: null,
      host: 'here',
    };
    const code = await run(args, world);
    return { code, ...said, sent: this.sent };
  }

  /** The first so many strategies get another capacity, which no other call has given them. */
  async change(count: number, capacity: number, weight = 1): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      await this.write(nameOf(index), this.strategy(index, capacity, weight));
    }
  }

  /** Agents of the first so many queues talk, so that weights between them and others move. */
  busy(queues: number): void {
    const { org } = this.simulator;
    const most = Math.floor(this.size.membersPerQueue * 0.7);
    for (const queue of [...org.queues.values()].slice(0, queues)) {
      queue.interacting = most;
      for (const id of queue.memberIds.slice(0, most)) {
        const agent = org.users.get(id);
        if (agent !== undefined) agent.status = 'interacting';
      }
    }
  }

  private async write(name: string, document: object): Promise<void> {
    const file = path.join(this.dir, 'strategies', `${name}.yaml`);
    await writeFile(file, JSON.stringify(document, null, 2));
  }

  /** Three queues in a row, so that a third as many strategies as queues name them all. */
  private strategy(index: number, capacity = 10, weight = 1): object {
    const queue = (at: number): string =>
      numbered('Queue', (index * TARGETS + at) % this.size.queues, 4);
    const targets = Array.from({ length: TARGETS }, (_, at) => ({
      queue: queue(at),
      priority: 1,
      weight: at === 0 ? weight : 1,
      capacity,
    }));
    const skill = numbered('Skill', index % this.size.skills, 3);
    return {
      apiVersion: 'strategos/v1',
      kind: 'RoutingStrategy',
      metadata: { name: nameOf(index) },
      spec: {
        selection: { skills: [{ skill, required: true }] },
        targets,
        optimizer: { policy: 'square-root', bounds: { min: 0.1, max: 1 } },
      },
    };
  }
}

function environment(host: string): object {
  return {
    apiVersion: 'strategos/v1',
    kind: 'Environment',
    metadata: { name: 'counted' },
    spec: { host, backend: 'datatable', owner: 'example/routing', guards: { maxChanges: '100%' } },
  };
}

function nameOf(index: number): string {
  return `s${String(index).padStart(5, '0')}`;
}

/** As the simulator names what it generates: from one. */
function numbered(what: string, index: number, digits: number): string {
  return `${what} ${String(index + 1).padStart(digits, '0')}`;
}
