/**
 * Histories of objects that refer to each other: strategies that require managed skills, in an org
 * where people make and delete skills and strategies, under faults. Each history is one seed.
 */
import { AppError } from '../../src/core/errors.js';
import { sfc32 } from '../../src/core/chance.js';
import { objectsIn, textOf, type JsonObject } from '../../src/core/json.js';
import type { Exchange } from '../../src/genesys/transport.js';
import { NoAnswer, isRead } from '../../src/genesys/transport.js';
import { bench, type Bench } from '../support/org.js';
import { refusal } from '../support/faults.js';
import { many, manifestOf, SKILL, STRATEGY, type Many } from '../support/many.js';
import { ORG } from '../support/reconcile.js';

export interface Story {
  readonly seed: number;
  readonly violations: readonly string[];
  /** What was done and how it ended, for whoever looks into a failure. */
  readonly told: readonly string[];
}

const SKILLS = ['A', 'B', 'C', 'D'];
const STRATEGIES = ['s1', 's2', 's3', 's4'];
const ROUNDS = 4;
const HOUR_MS = 3_600_000;
const SKILLS_AT = '/api/v2/routing/skills';
const WRAPUPS_AT = '/api/v2/routing/wrapupcodes';
const STRATEGIES_AT = '/api/v2/routing/strategies';

type Files = Record<string, string>;

class Teller {
  readonly violations: string[] = [];
  readonly told: string[] = [];
  readonly bench: Bench = bench(ORG);
  readonly place: Many = many(this.bench, 'strategies-api');
  /** Ids of what a person made and nobody declares. */
  readonly strangers = new Set<string>();
  private readonly next: () => number;

  constructor(readonly seed: number) {
    this.next = sfc32([seed, 0x5eed, 0x1a9e, 1]);
  }

  violated(what: string): void {
    this.violations.push(what);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(all: readonly T[]): T | undefined {
    return all[Math.floor(this.next() * all.length)];
  }

  some<T>(all: readonly T[], share: number): T[] {
    return all.filter(() => this.chance(share));
  }

  /** Every strategy requires a skill that is declared, or one of the org's own. */
  manifests(): Files {
    const files: Files = {};
    const skills = this.some(SKILLS, 0.7);
    for (const name of skills) files[`skill-${name}.yaml`] = SKILL(name);
    for (const name of this.some(STRATEGIES, 0.7)) {
      files[`${name}.yaml`] = STRATEGY(
        name,
        this.pick([...skills, 'Billing'] as const) ?? 'Billing',
      );
    }
    if (this.chance(0.7)) files['dutch.yaml'] = manifestOf('Language', 'Dutch', {});
    if (this.chance(0.7)) {
      const description = this.pick(['one', 'two', 'three']);
      files['solved.yaml'] = manifestOf('WrapupCode', 'Solved', { description });
    }
    return files;
  }

  /** What a person does in the admin UI; what cannot be done is not. */
  async person(duringRun: boolean): Promise<void> {
    const skill = this.pick(SKILLS) ?? 'A';
    const id = this.place.skillId(skill);
    const acts: (() => Promise<void>)[] = [
      () => this.place.send('POST', SKILLS_AT, { name: skill }),
      () => this.place.send('DELETE', `${SKILLS_AT}/${id}`),
      () => this.place.send('POST', WRAPUPS_AT, { name: 'Solved', description: 'by hand' }),
    ];
    if (!duringRun) {
      const strategy = this.pick([...this.bench.org.strategies.values()]);
      acts.push(
        () => this.place.send('DELETE', `${STRATEGIES_AT}/${strategy?.id ?? 'none'}`),
        () => this.stranger(id),
      );
    }
    await this.pick(acts)?.().catch(() => undefined);
  }

  private async stranger(skillId: string): Promise<void> {
    const name = `stranger ${this.strangers.size}`;
    const queue = [...this.bench.org.queues.values()][0]?.id ?? '';
    await this.place.send('POST', STRATEGIES_AT, {
      name,
      status: 'draft',
      targets: [{ id: queue, priority: 1, weight: 1, capacity: 1 }],
      selectionCriteria: { skills: skillId === '' ? [] : [{ skillId, required: true }] },
    });
    const made = this.bench.org.strategyNames.get(name);
    if (made !== undefined) this.strangers.add(made);
  }

  /** The way of a run to the org, with what goes wrong on it and what is looked at. */
  exchange(): Exchange {
    const dies = this.chance(0.3) ? Math.floor(this.next() * 25) : Infinity;
    let writes = 0;
    return async (request) => {
      const { pathname } = new URL(request.url);
      const isWrite = !isRead(request.method, pathname) && !pathname.startsWith('/oauth');
      if (writes > dies) throw new NoAnswer('ECONNREFUSED');
      if (isWrite) writes += 1;
      if (this.chance(0.03)) await this.person(true);
      const fault = this.next();
      if (fault < 0.02) throw new NoAnswer('ECONNRESET');
      if (fault < 0.03) return refusal(503, 'service.unavailable', 'later');
      if (isWrite) this.look(request.method, pathname, request.body ?? '');
      const answer = await this.bench.exchange(request);
      if (fault > 0.98 || writes > dies) throw new NoAnswer('ECONNRESET');
      return answer;
    };
  }

  private look(method: string, path: string, body: string): void {
    const id = path.split('/').at(-1) ?? '';
    if (this.strangers.has(id)) this.violated(`${method} ${path}: of a stranger`);
    if (/"(id|skillId|divisionId)":""/.test(body)) this.violated(`${method} ${path}: an empty id`);
    if (method !== 'DELETE' || !path.startsWith(SKILLS_AT)) return;
    const users = this.requiring(id);
    if (users.length > 0) this.violated(`DELETE ${path}: ${users.join(', ')} still require it`);
  }

  private requiring(skillId: string): string[] {
    const all = [...this.bench.org.strategies.values()];
    return all
      .filter(({ content }) => content.skills.some((one) => one.skillId === skillId))
      .map(({ content }) => content.name);
  }

  async run(files: Files, isQuiet: boolean): Promise<void> {
    const exchange = isQuiet ? {} : { exchange: this.exchange() };
    try {
      const planned = await this.place.plan(files, { adopt: true, ...exchange });
      const run = await this.place.carryOut(planned, exchange);
      const ends = run.outcomes.map(({ state, address, message }) => [state, address, message]);
      this.told.push(ends.map((words) => words.join(' ').trim()).join(', '));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.told.push(`ended: ${error.message}`);
      if (isQuiet) this.violated(`a quiet run ended: ${error.message}`);
    }
  }

  /** Faults have stopped: what is declared is there, once, and refers to what is there. */
  async end(files: Files): Promise<void> {
    for (let again = 0; again < 3; again += 1) {
      // What may have been made and is not listed yet is waited for.
      await this.bench.clock.sleep(HOUR_MS);
      await this.run(files, true);
    }
    const { plan } = await this.place.plan(files, { adopt: true });
    if (plan.changes.length > 0) {
      const left = plan.changes.map(({ action, address }) => `${action} ${address}`);
      this.violated(`it does not come to rest: ${left.join(', ')}`);
    }
    for (const { address, obstacles } of plan.blocked ?? []) {
      const held = obstacles.every(({ message }) => message.includes('still refers to it'));
      if (!held) this.violated(`${address}: ${obstacles.map(({ message }) => message).join('; ')}`);
    }
    await this.world(files);
  }

  private async world(files: Files): Promise<void> {
    const { org } = this.bench;
    for (const text of Object.values(files)) {
      const [kind = '', name = ''] = [/kind: (\w+)/, /name: "(\w+)"/].map(
        (one) => one.exec(text)?.[1] ?? '',
      );
      const live = await this.liveOf(kind);
      const found = live.filter((one) => one['name'] === name);
      if (found.length !== 1) this.violated(`${kind}/${name} is there ${found.length} times`);
    }
    for (const strategy of org.strategies.values()) {
      if (!Object.hasOwn(files, `${strategy.content.name}.yaml`)) continue;
      for (const { skillId } of strategy.content.skills) {
        if (org.skills.has(skillId)) continue;
        this.violated(`${strategy.content.name} a skill that is gone`);
      }
    }
  }

  private async liveOf(kind: string): Promise<JsonObject[]> {
    const paths: Record<string, string> = {
      Skill: SKILLS_AT,
      Language: '/api/v2/routing/languages',
      WrapupCode: WRAPUPS_AT,
      RoutingStrategy: STRATEGIES_AT,
    };
    const all = await this.bench.reader().list(paths[kind] ?? '', 100);
    return objectsIn(all).filter((one) => textOf(one['state'] ?? '') !== 'deleted');
  }
}

export async function tellStory(seed: number): Promise<Story> {
  const teller = new Teller(seed);
  let files = teller.manifests();
  for (let round = 0; round < ROUNDS; round += 1) {
    if (teller.chance(0.6)) files = teller.manifests();
    if (teller.chance(0.5)) await teller.person(false);
    await teller.run(files, false);
  }
  await teller.end(files);
  return { seed, violations: teller.violations, told: teller.told };
}
