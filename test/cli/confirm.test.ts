/** Asking before an apply, with the terminal played by the test. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.js';
import type { World } from '../../src/cli/world.js';
import { plainStyle } from '../../src/render/style.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { startSimulator, type Simulator } from '../../src/simulator/http.js';
import { createOrg } from '../../src/simulator/org.js';
import { isOfStrategies } from '../support/example.js';
import { GONE } from '../support/gone.js';
import { manifestOf } from '../support/many.js';
import { ORG } from '../support/reconcile.js';

let dir: string;
let simulator: Simulator;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'strategos-test-'));
  await cp(new URL('../../strategies', import.meta.url).pathname, path.join(dir, 'strategies'), {
    recursive: true,
    filter: isOfStrategies,
  });
  simulator = await startSimulator({ org: createOrg(DEMO_ORG, { activationMs: 10 }) });
});
afterEach(async () => {
  await simulator.close();
  await rm(dir, GONE);
});

/** Strategies that the org has, wherever it keeps them. */
function strategyCount(): number {
  const { strategies, tables, tableNames } = simulator.org;
  const table = tables.get(tableNames.get('Routing Strategies') ?? '');
  return strategies.size + (table?.rows.size ?? 0);
}

/** Strategies, and tables to keep anything in. */
function written(): readonly number[] {
  return [strategyCount(), simulator.org.tables.size];
}

interface Played {
  readonly world: World;
  readonly out: string[];
  readonly err: string[];
  readonly questions: string[];
  readonly signal: () => void;
}

/** A terminal at which somebody answers `answer` to every question. */
function terminal(answer: string): Played {
  const out: string[] = [];
  const err: string[] = [];
  let stop = (): void => undefined;
  const questions: string[] = [];
  const world: World = {
    env: {
      GENESYS_DOMAIN: simulator.url,
      GENESYS_CLIENT_ID: 'demo',
      GENESYS_CLIENT_SECRET: 'demo',
    },
    cwd: dir,
    clock: { now: Date.now, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 10)) },
    random: { next: Math.random },
    workflow: null,
    interactive: true,
    outIsTerminal: true,
    paper: { wraps: false },
    status: null,
    every: () => () => undefined,
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    outStyle: plainStyle,
    errStyle: plainStyle,
    ask: (question) => {
      questions.push(question);
      return Promise.resolve(answer);
    },
    onInterrupt: (listener) => {
      stop = listener;
      return () => undefined;
    },
    actor: 'tester',
    host: 'machine',
    version: '0.0.0',
  };
  return { world, out, err, questions, signal: () => stop() };
}

describe('apply at a terminal', () => {
  it('shows the plan before it asks, and applies on yes', async () => {
    const { world, out, questions } = terminal('yes');
    expect(await run(['apply'], world)).toBe(0);
    expect(questions).toEqual([
      '\nMake 3 changes in demo ("Demo")? Only "yes" is taken as a yes: ',
    ]);
    expect(out[0]).toContain('Plan: 3 to create');
    expect(strategyCount()).toBe(3);
  });

  it.each(['', 'y', 'no', 'YES please'])(
    'takes %j as a no: exit 4, nothing written',
    async (say) => {
      const { world } = terminal(say);
      expect(await run(['apply'], world)).toBe(4);
      expect(written()).toEqual([0, 0]);
    },
  );

  it('shows the plan on stderr before it asks, when the result has another form', async () => {
    const { world, out, err } = terminal('no');
    expect(await run(['apply', '--format', 'json'], world)).toBe(4);
    expect(err.join('')).toContain('Plan: 3 to create');
    expect(JSON.parse(out.join(''))).toMatchObject({ state: 'declined', outcomes: [] });
    expect(written()).toEqual([0, 0]);
  });

  it('shows of a plan file what is agreed to, and not again what was in order', async () => {
    expect(await run(['plan', '--out', 'plan.json'], terminal('').world)).toBe(0);
    const { world, out } = terminal('no');
    expect(await run(['apply', 'plan.json'], world)).toBe(4);
    const text = out.join('');
    expect(text).toMatch(/^\+ create RoutingStrategy\/billing$/m);
    expect(text).toMatch(/capacity/);
    expect(text).not.toMatch(/✓|≈/);
    expect(written()).toEqual([0, 0]);
  });

  it('writes nothing when the signal comes before the answer', async () => {
    const played = terminal('yes');
    const { ask } = played.world;
    const world: World = {
      ...played.world,
      ask: (question) => {
        played.signal();
        return ask(question);
      },
    };
    expect(await run(['apply'], world)).toBe(130);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(written()).toEqual([0, 0]);
    const { out, world: reader } = terminal('');
    await run(['audit', 'verify'], reader);
    expect(out.join('')).toMatch(/^intact: 1 run, 3 records/);
  });

  it('carries out no first apply whose queues have changed while it was asked', async () => {
    const played = terminal('yes');
    const { ask } = played.world;
    let askedMs = 0;
    const world: World = {
      ...played.world,
      clock: { ...played.world.clock, now: () => Date.now() + askedMs },
      ask: (question) => {
        askedMs = 3_600_000;
        const { queues } = simulator.org;
        const [billing] = [...queues.values()].filter(({ name }) => name === 'Billing');
        if (billing === undefined) throw new Error('the demo has a queue Billing');
        queues.delete(billing.id);
        queues.set('another', { ...billing, id: 'another' });
        return ask(question);
      },
    };
    expect(await run(['apply'], world)).toBe(4);
    expect(played.err.join('')).toContain('the plan is stale: changed in the org');
    expect(strategyCount()).toBe(0);
  });

  describe('when somebody thinks for more than a minute', () => {
    const rows = (): string[] => {
      const { tables, tableNames } = simulator.org;
      const name = 'Routing Strategies (strategos)';
      return [...(tables.get(tableNames.get(name) ?? '')?.rows.keys() ?? [])];
    };

    /** A minute passes while they are asked; then `meanwhile`, then the answer. */
    function slow(answer: string, meanwhile: () => Promise<void>): Played {
      const played = terminal(answer);
      let minute = (): void => undefined;
      const world: World = {
        ...played.world,
        every: (ms, act) => {
          if (ms === 60_000) minute = act;
          return () => undefined;
        },
        ask: async () => {
          expect(rows()).toContain('lock');
          minute();
          while (rows().includes('lock')) await new Promise((resolve) => setTimeout(resolve, 5));
          await meanwhile();
          return answer;
        },
      };
      return { ...played, world };
    }

    beforeEach(async () => {
      expect(await run(['apply', '--yes'], terminal('').world)).toBe(0);
      const file = path.join(dir, 'strategies/billing.yaml');
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace('capacity: 8', 'capacity: 9'));
    });

    it('the lock is given back, and a yes is carried out under another', async () => {
      const played = slow('yes', () => Promise.resolve());
      expect(await run(['apply'], played.world)).toBe(0);
      expect(played.err.join('')).toContain('The lock is given back while you think');
      expect(rows()).not.toContain('lock');
      expect(await run(['plan', '--detailed-exitcode'], terminal('').world)).toBe(0);
      expect(await run(['audit', 'verify', '--org'], terminal('').world)).toBe(0);
    });

    it('a no leaves neither a lock nor a change', async () => {
      const played = slow('no', () => Promise.resolve());
      expect(await run(['apply'], played.world)).toBe(4);
      expect(rows()).not.toContain('lock');
      expect(await run(['plan', '--detailed-exitcode'], terminal('').world)).toBe(2);
    });

    it('what another run has done meanwhile makes the answer one to another question', async () => {
      const played = slow('yes', async () => {
        const file = path.join(dir, 'strategies/billing.yaml');
        const text = await readFile(file, 'utf8');
        await writeFile(file, text.replace('capacity: 9', 'capacity: 7'));
        expect(await run(['apply', '--yes'], terminal('').world)).toBe(0);
        await writeFile(file, text);
      });
      expect(await run(['apply'], played.world)).toBe(4);
      expect(played.err.join('')).toContain('the plan is stale');
      expect(rows()).not.toContain('lock');
      for (const more of [[], ['--org']]) {
        expect(await run(['audit', 'verify', ...more], terminal('').world)).toBe(0);
      }
    });
  });

  describe('what holds the plan only by the time that there is an answer', () => {
    const queue = (...members: readonly string[]): string =>
      manifestOf('Queue', 'Gamma', { members: members.map((one) => `${one}@example.com`) });
    const write = (name: string, text: string): Promise<void> =>
      writeFile(path.join(dir, 'strategies', name), text);

    /** Of those who stay nobody has the skill any more, once it has been asked. */
    function forgetful(): Played {
      const played = terminal('yes');
      let minute = (): void => undefined;
      let thoughtMs = 0;
      const world: World = {
        ...played.world,
        clock: { ...played.world.clock, now: () => Date.now() + thoughtMs },
        every: (ms, act) => {
          if (ms === 60_000) minute = act;
          return () => undefined;
        },
        ask: () => {
          minute();
          thoughtMs = 61_000;
          const { users } = simulator.org;
          const ada = [...users.values()].find(({ name }) => name === 'Ada');
          if (ada !== undefined) users.set(ada.id, { ...ada, skillIds: [] });
          return Promise.resolve('yes');
        },
      };
      return { ...played, world };
    }

    beforeEach(async () => {
      await simulator.close();
      simulator = await startSimulator({ org: createOrg(ORG, { activationMs: 10 }) });
      for (const name of ['billing', 'overlay-demo', 'returns', 'support'])
        await rm(at(name), GONE);
      const skills = [{ skill: 'Voice', required: true }];
      const targets = [{ queue: 'Gamma', capacity: 5 }];
      await write(
        'calls.yaml',
        manifestOf('RoutingStrategy', 'calls', { selection: { skills }, targets }),
      );
      await write('gamma.yaml', queue('ben', 'ada'));
      expect(await run(['apply', '--yes', '--adopt'], terminal('').world)).toBe(0);
      await write('gamma.yaml', queue('ada'));
    });
    const at = (name: string): string => path.join(dir, 'strategies', `${name}.yaml`);
    const members = (): number | undefined =>
      [...simulator.org.queues.values()].find(({ name }) => name === 'Gamma')?.memberIds.length;

    it('refuses it: 4, and nothing is written', async () => {
      const played = forgetful();
      expect([await run(['apply'], played.world), members()]).toEqual([4, 2]);
      expect(played.err.join('')).toContain('calls would be left with nobody');
    });

    it('gives way to what was agreed to, and is on record', async () => {
      const played = forgetful();
      expect([await run(['apply', '--force'], played.world), members()]).toEqual([0, 1]);
      expect(played.err.join('').split('forced: ')).toHaveLength(2);
    });
  });

  describe('a transfer, when somebody thinks for more than a minute', () => {
    const OTHER = 'github.com/acme/elsewhere//strategies';
    let from = '';

    const stateRows = (): Map<string, Map<string, unknown>> => {
      const { tables, tableNames } = simulator.org;
      const rows = tables.get(tableNames.get('Routing Strategies (strategos)') ?? '')?.rows;
      return rows as unknown as Map<string, Map<string, unknown>>;
    };
    const owners = (): unknown[] =>
      [...stateRows()].flatMap(([key, row]) => (key.includes('~') ? [row.get('owner')] : []));

    function slow(answer: string, meanwhile: () => void): Played {
      const played = terminal(answer);
      let minute = (): void => undefined;
      const world: World = {
        ...played.world,
        every: (ms, act) => {
          if (ms === 60_000) minute = act;
          return () => undefined;
        },
        ask: async () => {
          expect(stateRows().has('lock')).toBe(true);
          minute();
          while (stateRows().has('lock')) await new Promise((resolve) => setTimeout(resolve, 5));
          meanwhile();
          return answer;
        },
      };
      return { ...played, world };
    }

    beforeEach(async () => {
      expect(await run(['apply', '--yes'], terminal('').world)).toBe(0);
      from = String(owners()[0]);
    });

    const handOver = (): string[] => ['owner', 'transfer', '--from', from, '--to', OTHER];

    it('the lock is given back, and a yes is carried out under another', async () => {
      expect(await run(handOver(), slow('yes', () => undefined).world)).toBe(0);
      expect([owners(), stateRows().has('lock')]).toEqual([[OTHER, OTHER, OTHER], false]);
      expect(await run(['audit', 'verify'], terminal('').world)).toBe(0);
    });

    it('what has changed meanwhile makes the answer one to another question', async () => {
      const played = slow('yes', () => {
        const [key = ''] = [...stateRows().keys()].filter((one) => one.includes('~'));
        stateRows().delete(key);
      });
      expect(await run(handOver(), played.world)).toBe(4);
      expect(played.err.join('')).toContain('is no longer what was shown');
      expect([owners(), stateRows().has('lock')]).toEqual([[from, from], false]);
    });
  });

  it('does not ask when there is nothing to do', async () => {
    await run(['apply', '--yes'], terminal('').world);
    const { world, questions } = terminal('no');
    expect(await run(['apply'], world)).toBe(0);
    expect(questions).toEqual([]);
  });
});
