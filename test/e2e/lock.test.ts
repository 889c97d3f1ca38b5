/** Two runs on one org: processes of the built command line, which never write at the same time. */
import { hostname } from 'node:os';
import { describe, expect } from 'vitest';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import type { Row } from '../../src/simulator/model.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { printed, signalAt, Workplace, type Ended, type RunOptions } from '../support/cli.js';
import { GitHubApi } from '../support/github-api.js';
import { it } from '../support/side-by-side.js';
import { stateTable as ownedTable } from '../support/owned.js';

/** Each run writes as a client of its own, so that the audit of the org tells them apart. */
const CLIENTS = ['first', 'second', 'third'] as const;
const ORG: OrgFile = {
  ...DEMO_ORG,
  clients: [...(DEMO_ORG.clients ?? []), ...CLIENTS.map((id) => ({ id, secret: id }))],
};

function as(client: string, options: RunOptions = {}): RunOptions {
  return { ...options, env: { GENESYS_CLIENT_ID: client, GENESYS_CLIENT_SECRET: client } };
}

function runOf({ stderr }: Ended): string {
  return /^run .*\/([^/\n]+)$/m.exec(stderr)?.[1] ?? 'no run';
}

function stateTable(place: Workplace) {
  const { tables } = place.simulator.org;
  const found = [...tables.values()].filter(
    ({ name }) => name === 'Routing Strategies (strategos)',
  );
  expect(found).toHaveLength(1);
  return found[0]!;
}

/** The run that has the lock. */
function holder(place: Workplace): unknown {
  return stateTable(place).rows.get('lock')?.get('run') ?? null;
}

/** A lock that somebody else has taken, far away. */
function putLock(place: Workplace, run: string, host = 'ci-7'): void {
  const { columns, rows } = stateTable(place);
  const empty = [...columns.keys()].map((name): [string, string] => [name, '']);
  const at = new Date(Date.now() - 12 * 60_000).toISOString();
  const lock = { key: 'lock', holder: 'grace', host, command: 'apply', run, at };
  rows.set('lock', new Map([...empty, ...Object.entries(lock)]));
}

interface Written {
  readonly client: string;
  readonly lock: 'taken' | 'released' | null;
}

/** Everything that was written since the audit had this many records. */
function writtenSince(place: Workplace, count: number): Written[] {
  return place.simulator.org.audits.slice(count).map(({ client, entityType, context, action }) => {
    const isLock = entityType === 'Row' && context?.['key'] === 'lock';
    const lock = isLock ? (action === 'Create' ? 'taken' : 'released') : null;
    return { client: client?.id ?? '', lock };
  });
}

/** Clients in the order in which they had the lock; what lies outside a lock fails the test. */
function turns(written: readonly Written[]): string[] {
  const order: string[] = [];
  let current: string | null = null;
  for (const { client, lock } of written) {
    if (lock === 'taken') {
      expect(current).toBeNull();
      current = client;
      order.push(client);
    }
    expect(client).toBe(current);
    if (lock === 'released') current = null;
  }
  expect(current).toBeNull();
  return order;
}

async function editAll(place: Workplace): Promise<void> {
  await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
  await place.edit('strategies/billing.yaml', 'weight: 0.7', 'weight: 0.6');
  await place.edit('strategies/support.yaml', 'capacity: 10', 'capacity: 11');
}

describe.concurrent.each(['strategies-api', 'datatable'] as const)(
  'two applies at once, %s',
  (backend) => {
    it('never interleave: one works, the other says who, and has written nothing', async ({
      open,
    }) => {
      const place = await open(ORG, { backend });
      expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
      await editAll(place);
      const before = place.simulator.org.audits.length;
      place.answerAfter(100);
      const ended = await Promise.all(
        ['first', 'second'].map((client) => place.process(['apply', '--yes'], as(client))),
      );
      place.answerAfter(0);
      expect(ended.map(({ code }) => code).sort()).toEqual([0, 4]);
      const [winner, loser] = ended[0]?.code === 0 ? [0, 1] : [1, 0];
      expect(turns(writtenSince(place, before))).toEqual([CLIENTS[winner]]);
      expect(ended[winner]?.stdout).toContain('3 changed');
      const { stderr = '', stdout = '' } = ended[loser] ?? {};
      expect(stderr).toContain(
        `another run is at work: the lock is held by tester on ${hostname()} ` +
          `(apply, run ${runOf(ended[winner]!)}, since 2`,
      );
      expect(stderr).toContain('--lock-timeout SECONDS');
      expect(stdout).toBe('');
      expect(holder(place)).toBeNull();
      expect((await place.strategos(['plan', '--detailed-exitcode'])).code).toBe(0);
      expect((await place.strategos(['audit', 'verify'])).code).toBe(0);
    });

    it('finish one after the other when they have time to wait', async ({ open }) => {
      const place = await open(ORG, { backend });
      expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
      await editAll(place);
      const before = place.simulator.org.audits.length;
      place.answerAfter(60);
      const names = { first: 'billing', second: 'sales', third: 'optimized-support' };
      const ended = await Promise.all(
        CLIENTS.map((client) => {
          // The clock hurries past what a busy machine has not come to: they have time enough.
          const patience = ['--lock-timeout', '3600'];
          const args = ['apply', '--yes', '--target', names[client], ...patience];
          return place.strategos(args, as(client));
        }),
      );
      place.answerAfter(0);
      expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
      expect(turns(writtenSince(place, before)).sort()).toEqual([...CLIENTS].sort());
      expect(holder(place)).toBeNull();
      expect((await place.strategos(['plan', '--detailed-exitcode'])).code).toBe(0);
    });
  },
);

describe.concurrent.each(['strategies-api', 'datatable'] as const)(
  'the first applies ever, %s',
  (backend) => {
    /** Enough of them to go in a file, where there are files. */
    async function declareMany(place: Workplace): Promise<void> {
      const many = Array.from({ length: 12 }, (_, index) =>
        [
          ...['apiVersion: strategos/v1', 'kind: RoutingStrategy'],
          `metadata: { name: many ${index + 10} }`,
          'spec: { targets: [{ queue: Support Overflow, capacity: 5 }] }',
        ].join('\n'),
      );
      await place.write('strategies/many.yaml', `${many.join('\n---\n')}\n`);
    }

    async function expectAllOurs(place: Workplace): Promise<void> {
      const plan = JSON.parse((await place.strategos(['plan', '--format', 'json'])).stdout);
      expect(plan.changes).toEqual([]);
      const { stderr } = await place.strategos(['plan']);
      expect(stderr).not.toContain('nobody');
      const records = [...stateTable(place).rows.values()].filter(
        (row) => row.get('object') !== '',
      );
      expect(records).toHaveLength(15);
    }

    it('make tables and strategies once, and one of them says who was first', async ({ open }) => {
      const place = await open(ORG, { backend, latencyMs: 60 });
      await declareMany(place);
      const ended = await Promise.all(
        ['first', 'second'].map((client) => place.process(['apply', '--yes'], as(client))),
      );
      place.answerAfter(0);
      expect(ended.map(({ code }) => code).sort()).toEqual([0, 4]);
      const loser = ended.find(({ code }) => code === 4);
      expect(loser?.stderr).toContain('another run is at work: the lock is held by tester on');
      expect(holder(place)).toBeNull();
      await expectAllOurs(place);
    });

    it('do no harm to each other when the second waits for the first', async ({ open }) => {
      const place = await open(ORG, { backend, latencyMs: 60 });
      await declareMany(place);
      const args = ['apply', '--yes', '--lock-timeout', '60'];
      const ended = await Promise.all(
        ['first', 'second'].map((client) => place.strategos(args, as(client))),
      );
      place.answerAfter(0);
      for (const { code } of ended) expect([0, 4]).toContain(code);
      expect(ended.some(({ code }) => code === 0)).toBe(true);
      expect(holder(place)).toBeNull();
      await expectAllOurs(place);
    });
  },
);

describe.concurrent.each(['strategies-api', 'datatable'] as const)(
  'a run that was killed, %s',
  (backend) => {
    const mark = backend === 'datatable' ? '' : '.strategies-api';
    /** Kills an apply in the midst of its first change; resolves to the id of the run. */
    const killOne = async (place: Workplace): Promise<string> => {
      // Where a row takes effect at once, its checks come first.
      const first = backend === 'datatable' ? '4 checks passed' : 'creating';
      const killed = await place.strategos(
        ['apply', '--yes'],
        as('first', signalAt(`create RoutingStrategy/optimized-support\n    ${first}`, 'SIGKILL')),
      );
      place.answerAfter(0);
      expect(killed.code).toBeNull();
      const [run = ''] = await place.runs();
      expect(holder(place)).toBe(run);
      return run;
    };

    it('is settled by the next one on this machine, which takes over its lock and goes on', async ({
      open,
    }) => {
      // Long enough for the signal to come in time on any machine.
      const place = await open(ORG, { backend, latencyMs: 40, activationMs: 5000 });
      const run = await killOne(place);
      const again = await place.strategos(['apply', '--yes']);
      expect(again.code).toBe(0);
      expect(again.stderr).toContain(`run ${run}, since`);
      expect(again.stderr).toContain('that run is gone, its lock is released');
      expect(holder(place)).toBeNull();
      const verified = await place.strategos(['audit', 'verify']);
      expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('intact')]);
      const note = verified.stdout
        .split('\n')
        .find((line) => line.startsWith(`${run}: did not end`));
      // Killed between two writes it has left nothing to settle.
      const wasOpen = /under way then/.test(note ?? '');
      if (wasOpen) expect(note).toMatch(/settled by run \S+-apply-/);
      else expect(note).toMatch(/it was killed or is still going$/);
      expect((await place.strategos(['plan', '--detailed-exitcode'])).code).toBe(0);
      // Once is enough: the next apply has nothing to say of it.
      const third = await place.strategos(['apply', '--yes']);
      expect([third.code, third.stderr.includes(run)]).toEqual([0, false]);
    });

    it('leaves its lock where nobody can know: unlock releases it, an apply converges', async ({
      open,
    }) => {
      // Long enough for the signal to come in time on any machine.
      const place = await open(ORG, { backend, latencyMs: 40, activationMs: 5000 });
      const run = await killOne(place);
      // As on another machine: what proves that the process is gone is not here.
      const elsewhere = ['--runs', 'elsewhere'];
      const refused = await place.strategos(['apply', '--yes', ...elsewhere]);
      expect(refused.code).toBe(4);
      expect(refused.stderr).toMatch(
        new RegExp(
          `held by tester on ${hostname()} \\(apply, run ${run}, since \\d{4}-[^,]+Z, 0 min`,
        ),
      );
      expect(refused.stderr).toContain('strategos unlock releases its lock');
      expect(holder(place)).toBe(run);

      const unlocked = await place.strategos(['unlock', '--yes', ...elsewhere]);
      expect([unlocked.code, unlocked.stdout]).toEqual([0, 'Released.\n']);
      expect(unlocked.stderr).toContain(`run ${run}`);
      expect(holder(place)).toBeNull();

      const again = await place.strategos(['apply', '--yes', ...elsewhere]);
      expect(again.code).toBe(0);
      expect((await place.strategos(['plan', '--detailed-exitcode'])).code).toBe(0);
      const records = [...stateTable(place).rows.keys()].filter((key) => key.includes('~')).sort();
      expect(records).toEqual(
        ['billing', 'optimized-support', 'sales'].map((name) => `RoutingStrategy${mark}~${name}`),
      );
      const verified = await place.strategos(['audit', 'verify']);
      expect(verified.stdout).toContain(`${run}: did not end`);
    });
  },
);

describe.concurrent.each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  it('while it waits for the lock: the run ends, and the lock stays whose it was', async ({
    open,
  }) => {
    const place = await open(ORG);
    await place.strategos(['apply', '--yes']);
    await editAll(place);
    putLock(place, 'their run');
    const before = place.simulator.org.audits.length;
    const ended = await place.strategos(
      ['apply', '--yes', '--lock-timeout', '600'],
      signalAt('the lock is held by grace', signal),
    );
    expect(ended.code).toBe(130);
    expect(ended.stderr).toContain('stopped; nothing was changed');
    expect([holder(place), writtenSince(place, before)]).toEqual(['their run', []]);
    expect((await place.strategos(['audit', 'verify'])).code).toBe(0);
  });

  it('just before the lock becomes free: the run does not keep it', async ({ open }) => {
    const place = await open(ORG);
    await place.strategos(['apply', '--yes']);
    await editAll(place);
    putLock(place, 'their run');
    const before = await place.strategies();
    const ended = await place.strategos(['apply', '--yes', '--lock-timeout', '600'], {
      onStart: (kill, seen) =>
        void printed(seen, 'the lock is held by grace').then(() => {
          kill(signal);
          stateTable(place).rows.delete('lock');
        }),
    });
    expect([ended.code, holder(place)]).toEqual([130, null]);
    expect(await place.strategies()).toEqual(before);
  });

  it.for([
    ['while it reads the org', 'reading the org', 'stopped; nothing was changed'],
    ['while it writes', '    creating', 'stopping after the change in flight'],
  ] as const)('%s: the run gives its lock back', async ([, at, says], { open }) => {
    const place = await open(ORG);
    await place.strategos(['apply', '--yes', '--target', 'billing']);
    place.answerAfter(60);
    const ended = await place.strategos(['apply', '--yes'], signalAt(at, signal));
    place.answerAfter(0);
    expect(ended.stderr).toContain(says);
    expect([ended.code, holder(place)]).toEqual([130, null]);
    const again = await place.strategos(['apply', '--yes']);
    expect(again.code).toBe(0);
  });
});

describe.concurrent('a run that waits in an org that had no tables when it began', () => {
  it('can be stopped while it waits', async ({ open }) => {
    const place = await open(ORG, { latencyMs: 100 });
    const ended = await place.strategos(['apply', '--yes', '--lock-timeout', '600'], {
      onStart: (kill, seen) => {
        void printed(seen, 'reading the org').then(() => {
          ownedTable(place.simulator.org);
          putLock(place, 'their run');
        });
        void printed(seen, 'the lock is held by grace').then(() => kill('SIGINT'));
      },
    });
    expect(ended.stderr).toContain('the lock is held by grace');
    expect([ended.code, holder(place)]).toEqual([130, 'their run']);
    expect(await place.strategies()).toEqual({});
  });
});

describe.concurrent('a lock that somebody else has', () => {
  it('stops apply and rollback, and no command that only reads', async ({ open }) => {
    const place = await open(ORG);
    await place.strategos(['apply', '--yes']);
    const [run = ''] = await place.runs();
    putLock(place, 'their run');
    const before = place.simulator.org.audits.length;
    for (const args of [
      ['apply', '--yes'],
      ['rollback', run, '--yes'],
      ['apply', '--yes', '--force'],
    ]) {
      const ended = await place.strategos(args);
      expect(ended.stderr).toMatch(
        /held by grace on ci-7 \(apply, run their run, since .*, 12 min\)/,
      );
      expect(ended.code).toBe(4);
    }
    const reading = [
      ...[['plan'], ['drift'], ['export'], ['rollback', run, '--dry-run']],
      ['compare', '--from', 'demo', '--to', 'demo'],
    ];
    for (const args of reading)
      expect([args, (await place.strategos(args)).code]).toEqual([args, 0]);
    expect([holder(place), writtenSince(place, before)]).toEqual(['their run', []]);
  });

  it('is told to a machine as well', async ({ open }) => {
    const place = await open(ORG);
    await place.strategos(['apply', '--yes']);
    putLock(place, 'their run');
    const ended = await place.strategos(['apply', '--yes', '--format', 'json']);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      error: { code: 'lock-held', exitCode: 4, message: expect.stringContaining('their run') },
    });
  });

  it('is waited for as long as it is said, and no longer', async ({ open }) => {
    const place = await open(ORG);
    await place.strategos(['apply', '--yes']);
    putLock(place, 'their run');
    const { clock } = place;
    const [startedMs, skippedMs] = [clock.now(), clock.skippedMs()];
    const ended = await place.strategos(['apply', '--yes', '--lock-timeout', '30']);
    expect([ended.code, holder(place)]).toEqual([4, 'their run']);
    expect(clock.now() - startedMs).toBeGreaterThanOrEqual(30_000);
    expect(clock.skippedMs() - skippedMs).toBeLessThan(40_000);
  });
});

describe.concurrent('unlock', () => {
  it('has nothing to release in an org that was never applied to, and writes nothing', async ({
    open,
  }) => {
    const place = await open(ORG);
    const ended = await place.strategos(['unlock', '--yes']);
    expect([ended.code, ended.stdout]).toEqual([0, 'No run holds the lock.\n']);
    expect(place.simulator.org.audits).toEqual([]);
  });

  it('has nothing to release where no run is at work', async ({ open }) => {
    const place = await open(ORG);
    await place.strategos(['apply', '--yes']);
    const before = place.simulator.org.audits.length;
    const ended = await place.strategos(['unlock', '--yes', '--format', 'json']);
    expect(JSON.parse(ended.stdout)).toEqual({ format: 1, state: 'not locked', lock: null });
    expect([ended.code, writtenSince(place, before)]).toEqual([0, []]);
  });

  it('cannot ask where there is no terminal, and does not guess', async ({ open }) => {
    const place = await open(ORG);
    await place.strategos(['apply', '--yes']);
    putLock(place, 'their run');
    const requests = place.simulator.requests();
    const ended = await place.strategos(['unlock']);
    expect(ended.code).toBe(64);
    expect(ended.stderr).toContain('unlock cannot ask here, because there is no terminal');
    expect([holder(place), place.simulator.requests()]).toEqual(['their run', requests]);
  });

  it('releases the lock that it has shown, and says whose it was', async ({ open }) => {
    const place = await open(ORG);
    await place.strategos(['apply', '--yes']);
    putLock(place, 'their run');
    const ended = await place.strategos(['unlock', '--yes', '--format', 'json']);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      state: 'released',
      lock: { holder: 'grace', host: 'ci-7', run: 'their run' },
    });
    expect([ended.code, holder(place)]).toEqual([0, null]);
  });

  it('does not release the lock that another run has taken meanwhile', async ({ open }) => {
    const place = await open(ORG);
    await place.strategos(['apply', '--yes', '--target', 'billing']);
    putLock(place, 'their run');
    const { rows } = stateTable(place);
    // Once it was looked at to be shown, and before it is looked at to be released.
    rows.get = (key) => {
      const row = Map.prototype.get.call(rows, key) as Row | undefined;
      if (key === 'lock') {
        Reflect.deleteProperty(rows, 'get');
        putLock(place, 'a later run');
      }
      return row;
    };
    const ended = await place.strategos(['unlock', '--yes']);
    expect(ended.stderr).toContain('run their run');
    expect(ended.stdout).toContain('nothing was released');
    expect([ended.code, holder(place)]).toEqual([0, 'a later run']);
  });

  it.runIf(process.platform === 'linux')(
    'leaves the lock of a run that is known to be at work, whoever agrees',
    async ({ open }) => {
      const place = await open(ORG, { latencyMs: 60, activationMs: 6000 });
      let unlocked: Promise<unknown> = Promise.resolve();
      const ended = await place.strategos(['apply', '--yes', '--target', 'billing'], {
        onStart: (_kill, seen) => {
          unlocked = printed(seen, 'activating').then(() => place.strategos(['unlock', '--yes']));
        },
      });
      expect(await unlocked).toMatchObject({
        code: 4,
        stderr: expect.stringMatching(
          /not released: that run is at work here, as process (\d+)\b[^]*after kill \1 [^]*kill -9 \1, and/,
        ),
      });
      expect([ended.code, ended.stderr.includes('released by somebody')]).toEqual([0, false]);
    },
  );

  it.each([
    ['in_progress', [], 4, 'their run'],
    ['in_progress', ['--force'], 0, null],
    ['completed', [], 0, null],
  ])('of a workflow run that GitHub says is %s, with %j, ends with %i', async (...row) => {
    const [status, more, code, left] = row;
    const [place, api] = await Promise.all([Workplace.open(ORG), GitHubApi.open()]);
    try {
      await place.strategos(['apply', '--yes', '--target', 'billing']);
      const address = 'https://github.com/acme/routing/actions/runs/7/attempts/2';
      putLock(place, 'their run', `ci-7 (${address}, job apply)`);
      api.attempts.set('7/2', status);
      const env = { GITHUB_API_URL: api.url, GITHUB_TOKEN: api.token({ actions: 'read' }) };
      const ended = await place.strategos(['unlock', '--yes', ...more], { env });
      expect([ended.code, holder(place)], ended.stderr).toEqual([code, left]);
      if (code === 4) {
        expect(ended.stderr).toContain(
          `error: not released: GitHub says that ${address}, job apply`,
        );
        expect(ended.stderr).toContain('--force');
      }
    } finally {
      await Promise.all([place.close(), api.close()]);
    }
  });

  it('of a run that is still at work elsewhere makes it say so when it ends', async ({ open }) => {
    const place = await open(ORG, { latencyMs: 60, activationMs: 6000 });
    const elsewhere = ['unlock', '--yes', '--runs', 'elsewhere'];
    const ended = await place.strategos(['apply', '--yes', '--target', 'billing'], {
      onStart: (_kill, seen) =>
        void printed(seen, 'activating').then(() => place.strategos(elsewhere)),
    });
    expect(ended.stderr).toContain(
      'the lock of this run was released by somebody else while it was at work',
    );
    expect(ended.code).toBe(0);
  });
});
