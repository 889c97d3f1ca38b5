/** The folder of a run: what is written is there, in order, or somebody is told. */
import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, open, readdir, readFile } from 'node:fs/promises';
import { chmod, rm, stat, symlink, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AuditEntry } from '../../src/core/audit.js';
import { AppError, InvalidInput } from '../../src/core/errors.js';
import { sha256 } from '../../src/files/digest.js';
import { inOrder, placeDetail, placeIn } from '../../src/files/folder-chain.js';
import { closeToOthers, readRun, RunFolder, runId, runIds } from '../../src/files/runs.js';
import { carryOut, live, ORG, plan, strategy, weighing } from '../support/reconcile.js';
import { bench, START_MS, VirtualClock } from '../support/org.js';
import { GONE } from '../support/gone.js';

let dir: string;
let runs: string;
const clock = new VirtualClock();

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'strategos-runs-'));
  runs = path.join(dir, 'runs');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(dir, GONE);
});

const idAt = (ms: number, command = 'apply'): string => runId(command, START_MS + ms, 0.5);

function create(id = idAt(0), folder = runs): Promise<RunFolder> {
  return RunFolder.create(folder, { run: id, actor: 'ada', environment: 'test' }, clock, sha256);
}

/** The handles of `node:fs/promises` share one prototype; a failing disk is made there. */
async function handles(): Promise<FileHandle> {
  const handle = await open(dir);
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

const failing = (code: string): Error => Object.assign(new Error(`${code}: no`), { code });

async function failure(attempt: Promise<unknown>): Promise<AppError> {
  const error: unknown = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`no error of ours: ${String(error)}`);
  return error;
}

describe('an audit log', () => {
  it('keeps its chain and the order of the calls when many append at once', async () => {
    const run = await create();
    const names = Array.from({ length: 200 }, (_, index) => `RoutingStrategy/${index}`);
    const records = await Promise.all(
      names.map((address) => run.append({ type: 'intent', address })),
    );
    await run.close();
    const { chain } = await readRun(runs, idAt(0), sha256);
    expect(chain.problems).toEqual([]);
    expect(chain.records.map(({ address }) => address)).toEqual(names);
    expect(chain.records).toEqual(records);
    expect(chain.records.map(({ seq }) => seq)).toEqual(names.map((_, index) => index + 1));
  });

  it('keeps a folder of its own that it makes out of git, and no folder of others', async () => {
    const top = path.join(runs, 'repository');
    await (await create(idAt(0), path.join(top, '.strategos/runs'))).close();
    expect(await readFile(path.join(top, '.strategos/.gitignore'), 'utf8')).toBe('*\n');
    await rm(path.join(top, '.strategos/.gitignore'));
    await (await create(idAt(1), path.join(top, '.strategos/runs'))).close();
    await (await create(idAt(2), path.join(top, 'elsewhere'))).close();
    expect((await readdir(path.join(top, '.strategos'))).sort()).toEqual(['runs']);
    expect(await readdir(path.join(top, 'elsewhere'))).toEqual([idAt(2)]);
  });

  it('has a record on disk before it says so', async () => {
    const run = await create();
    const record = await run.append({ type: 'intent', detail: { text: 'ä\n\u2028"🙂' } });
    const text = await readFile(path.join(run.dir, 'audit.jsonl'), 'utf8');
    expect(text).toBe(`${JSON.stringify(record)}\n`);
    await run.close();
  });

  it('syncs every record', async () => {
    const sync = vi.spyOn(await handles(), 'sync');
    const run = await create();
    const before = sync.mock.calls.length;
    await run.append({ type: 'intent' });
    await run.append({ type: 'outcome' });
    await run.close();
    expect(sync.mock.calls.length - before).toBe(2);
  });

  it('syncs once what is appended at once, and has it all on disk by then', async () => {
    const sync = vi.spyOn(await handles(), 'sync');
    const run = await create();
    const before = sync.mock.calls.length;
    const texts = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => {
        await run.append({ type: 'intent', address: `RoutingStrategy/${name}` });
        return readFile(path.join(run.dir, 'audit.jsonl'), 'utf8');
      }),
    );
    expect(sync.mock.calls.length - before).toBe(1);
    for (const text of texts) expect(text.match(/\n/g)).toHaveLength(3);
    await run.close();
  });

  it('takes nothing behind its end, also where both come at once', async () => {
    const run = await create();
    const [, late] = await Promise.allSettled([
      run.append({ type: 'run-ended' }),
      run.append({ type: 'intent' }),
    ]);
    expect(late).toMatchObject({ status: 'rejected', reason: { code: 'run-ended' } });
    await run.close();
    const { chain } = await readRun(runs, idAt(0), sha256);
    expect(chain.records.map(({ type }) => type)).toEqual(['run-ended']);
  });

  it('takes no work behind its head: what a run that is told to stop still finds', async () => {
    const run = await create();
    await run.append({ type: 'chained' });
    const ending: AuditEntry[] = [
      { type: 'intent', detail: { step: 'head' } },
      { type: 'outcome', detail: { step: 'head' }, outcome: { state: 'sent', message: '' } },
      { type: 'intent', detail: { step: 'unlock' } },
      { type: 'run-ended' },
    ];
    const work: AuditEntry[] = [
      { type: 'planned' },
      { type: 'forced' },
      { type: 'intent', detail: { step: 'update' } },
    ];
    const all = ending.flatMap((one): AuditEntry[] => [one, ...work]);
    const done = await Promise.allSettled(all.map(async (entry) => run.append(entry)));
    await run.close();
    const { chain } = await readRun(runs, idAt(0), sha256);
    const steps = chain.records.map(({ type, detail }) => detail?.['step'] ?? type);
    expect(steps).toEqual(['chained', 'head', 'head', 'unlock', 'run-ended']);
    expect(done.filter(({ status }) => status === 'rejected')).toHaveLength(12);
  });

  it('is never written over', async () => {
    const run = await create();
    await run.append({ type: 'run-started' });
    await run.close();
    expect(await failure(create())).toMatchObject({ code: 'audit-unwritable' });
    expect((await readRun(runs, idAt(0), sha256)).chain.records).toHaveLength(1);
  });
});

describe('a disk that takes no more', () => {
  it.each(['appendFile', 'sync'] as const)(
    '(%s) stops the run before its request',
    async (name) => {
      const on = bench({ ...ORG, strategies: [live('a', 'Alpha'), live('b', 'Beta')] });
      const files = {
        'a.yaml': weighing('a', 'Alpha', 0.5),
        'b.yaml': weighing('b', 'Beta', 0.5),
      };
      const made = await plan(on, files);
      const audit = await create();
      vi.spyOn(await handles(), name).mockRejectedValue(failing('ENOSPC'));
      const { fault, exitCode, outcomes } = await carryOut(on, made, { audit });
      expect([fault, exitCode]).toMatchObject([{ code: 'audit-unwritable' }, 1]);
      expect(outcomes[0]?.hint).toMatch(/^make room/);
      expect(fault?.message).toMatch(/cannot be written \(ENOSPC\); nothing more was sent/);
      expect(strategy(on, 'a').version + strategy(on, 'b').version).toBe(2);
      vi.restoreAllMocks();
      await audit.close();
    },
  );

  it('for a moment leaves no half record behind: the log goes on and verifies', async () => {
    const run = await create();
    await run.append({ type: 'run-started' });
    const prototype = await handles();
    const half = vi.spyOn(prototype, 'appendFile').mockImplementation(async function (
      this: FileHandle,
      data,
    ) {
      await this.write(String(data).slice(0, 50));
      throw failing('ENOSPC');
    });
    const attempt = run.append({ type: 'intent' });
    await expect(attempt).rejects.toMatchObject({ code: 'audit-unwritable' });
    half.mockRestore();
    await run.append({ type: 'run-ended' });
    await run.close();
    const { chain } = await readRun(runs, idAt(0), sha256);
    expect(chain.problems).toEqual([]);
    expect(chain.records.map(({ type }) => type)).toEqual(['run-started', 'run-ended']);
  });

  it('keeps none of the records that were appended at once, and tells each caller', async () => {
    const run = await create();
    await run.append({ type: 'run-started' });
    vi.spyOn(await handles(), 'sync').mockRejectedValueOnce(failing('EIO'));
    const attempts = Array.from({ length: 3 }, () => run.append({ type: 'intent' }));
    for (const attempt of await Promise.allSettled(attempts)) {
      expect(attempt).toMatchObject({ status: 'rejected', reason: { code: 'audit-unwritable' } });
    }
    await run.end({ state: 'failed', message: '' }, {});
    await run.close();
    const { chain } = await readRun(runs, idAt(0), sha256);
    expect(chain.problems).toEqual([]);
    expect(chain.records.map(({ type }) => type)).toEqual(['run-started', 'run-ended']);
    expect(chain.records.at(-1)?.detail).toMatchObject({ open: 0 });
  });

  it('counts as left open what was written although others of its file were not', async () => {
    const run = await create();
    const sync = vi.spyOn(await handles(), 'sync').mockRejectedValueOnce(failing('EIO'));
    // More than go together: the second part is written after the first has failed.
    const attempts = Array.from({ length: 1500 }, (_, index) =>
      run.append({ type: 'intent', address: `RoutingStrategy/${index}`, detail: { step: 'x' } }),
    );
    await expect(Promise.all(attempts)).rejects.toMatchObject({ code: 'audit-unwritable' });
    await run.end({ state: 'failed', message: '' }, {});
    sync.mockRestore();
    await run.close();
    const { chain } = await readRun(runs, idAt(0), sha256);
    expect(chain.problems).toEqual([]);
    expect(chain.unfinished).toHaveLength(500);
    expect(chain.records.at(-1)?.detail).toMatchObject({ open: 500 });
  });

  it('after the record, before the sync, leaves no record that nobody answers for', async () => {
    const run = await create();
    const sync = vi.spyOn(await handles(), 'sync').mockRejectedValueOnce(failing('EIO'));
    const attempt = run.append({ type: 'intent' });
    await expect(attempt).rejects.toMatchObject({ code: 'audit-unwritable' });
    await run.append({ type: 'run-ended' });
    await run.close();
    sync.mockRestore();
    const { chain } = await readRun(runs, idAt(0), sha256);
    expect(chain.problems).toEqual([]);
    expect(chain.records.map(({ type }) => type)).toEqual(['run-ended']);
  });

  it('is also that the log was removed while the run was at work', async () => {
    const run = await create();
    await run.append({ type: 'run-started' });
    await rm(runs, { recursive: true });
    const { code, message } = await failure(run.append({ type: 'intent' }));
    expect([code, message]).toEqual(['audit-unwritable', expect.stringContaining('(removed)')]);
    await run.close();
  });

  it('is told to every append of one write, and not to those that come while it fails', async () => {
    const run = await create();
    let third: Promise<unknown> = Promise.resolve();
    vi.spyOn(await handles(), 'appendFile').mockImplementationOnce(() => {
      third = run.append({ type: 'outcome' });
      return Promise.reject(failing('ENOSPC'));
    });
    const [first, second] = await Promise.allSettled([
      run.append({ type: 'intent' }),
      run.append({ type: 'outcome' }),
    ]);
    expect([first.status, second.status]).toEqual(['rejected', 'rejected']);
    await third;
    await run.close();
    expect((await readRun(runs, idAt(0), sha256)).chain.records).toMatchObject([{ seq: 1 }]);
  });

  it('for the plan or the summary is the same trouble', async () => {
    const run = await create();
    await symlink('/dev/full', path.join(run.dir, 'plan.json'));
    await symlink('/dev/full', path.join(run.dir, 'summary.md'));
    const { plan: made } = await plan(bench(ORG), {});
    const attempts = [async () => run.writePlan(made), async () => run.writeSummary('# Summary')];
    for (const attempt of attempts) {
      expect(await failure(attempt())).toMatchObject({
        code: 'audit-unwritable',
        message: expect.stringContaining('ENOSPC'),
      });
    }
    await run.close();
  });
});

describe('a folder that cannot be written', () => {
  it.each(['file', 'file/below', 'loop/below'])(
    '(%s) is told before anything is sent',
    async (at) => {
      await writeFile(path.join(dir, 'file'), 'not a folder');
      await symlink(path.join(dir, 'loop'), path.join(dir, 'loop'));
      const folder = path.join(dir, at);
      const error = await failure(create(idAt(0), folder));
      expect([error.code, error.exitCode, error.source]).toEqual(['audit-unwritable', 3, 'user']);
      expect(error.hint).toContain('--runs');
      // That helps where a disk is full, and nowhere else.
      expect(error.hint).not.toContain('make room');
      expect(error.message).toContain(folder);
    },
  );

  it.each(['file', 'file/below', 'loop'])('(%s) holds no last run', async (at) => {
    await writeFile(path.join(dir, 'file'), 'not a folder');
    await symlink(path.join(dir, 'loop'), path.join(dir, 'loop'));
    expect((await placeIn(path.join(dir, at), idAt(0))).previousRun).toBeNull();
  });

  it.each(['file', 'file/below', 'loop'])('(%s) cannot be listed either: exit 3', async (at) => {
    await writeFile(path.join(dir, 'file'), 'not a folder');
    await symlink(path.join(dir, 'loop'), path.join(dir, 'loop'));
    const folder = path.join(dir, at);
    for (const attempt of [runIds(folder), readRun(folder, idAt(0), sha256)]) {
      const error = await failure(attempt);
      expect([error.exitCode, error instanceof InvalidInput]).toEqual([3, true]);
      expect(error.message).toContain(folder);
    }
  });
});

describe('run ids', () => {
  it('sort by time, whatever the command and the chance', () => {
    const times = [0, 1, 999, 1000, 60_000, 86_400_000, 400 * 86_400_000];
    const commands = ['rollback', 'apply', 'plan', 'drift', 'apply', 'optimize', 'audit'];
    const ids = times.map((ms, index) => runId(commands[index]!, START_MS + ms, 1 - index / 10));
    expect([...ids].sort()).toEqual(ids);
  });

  it('say when and what, and end in eight digits of chance', () => {
    const ms = Date.UTC(2026, 10, 23, 4, 30, 0, 123);
    expect(runId('apply', ms, 0)).toBe('20261123T043000123Z-apply-00000000');
    expect(runId('apply', ms, 1 - Number.EPSILON)).toBe('20261123T043000123Z-apply-ffffffff');
    expect(runId('plan', ms, 0.5)).toMatch(/^[0-9A-Za-z-]+$/);
  });

  it('are listed oldest first, and nothing else is', async () => {
    expect(await runIds(runs)).toEqual([]);
    const ids = [idAt(2000), idAt(0), idAt(1000, 'plan')];
    for (const id of ids) await (await create(id)).close();
    await mkdir(path.join(runs, 'notes'));
    await writeFile(path.join(runs, idAt(9000)), 'a file');
    expect(await runIds(runs)).toEqual([idAt(0), idAt(1000, 'plan'), idAt(2000)]);
  });
});

describe('reading runs', () => {
  it('finds a run that is not there to be a typing error', async () => {
    await (await create()).close();
    const error = await failure(readRun(runs, idAt(0).replace('apply', 'aply'), sha256));
    expect([error.exitCode, error.hint]).toEqual([3, `did you mean ${idAt(0)}?`]);
    const slip = await readRun(runs, 'latst', sha256).catch((problem: unknown) => problem);
    expect(slip).toMatchObject({ exitCode: 3, hint: 'did you mean latest?' });
    const [begun = ''] = idAt(0).split('-');
    const cut = (): Promise<AppError> => failure(readRun(runs, begun, sha256));
    expect((await cut()).hint).toBe(`did you mean ${idAt(0)}?`);
    await (await create(idAt(0, 'plan'))).close();
    expect((await cut()).hint).toContain('audit show lists the runs');
  });

  it('says when the log of a run was removed, or replaced by something else', async () => {
    const run = await create();
    await run.close();
    await rm(path.join(run.dir, 'audit.jsonl'));
    expect((await failure(readRun(runs, idAt(0), sha256))).message).toContain('it was removed');
    await mkdir(path.join(run.dir, 'audit.jsonl'));
    const error = await failure(readRun(runs, idAt(0), sha256));
    expect([error.exitCode, error.message]).toEqual([3, expect.stringContaining('is no file')]);
    if (process.platform === 'win32') return;
    // A pipe that nobody writes into would be waited for without end.
    await rm(path.join(run.dir, 'audit.jsonl'), { recursive: true });
    execFileSync('mkfifo', [path.join(run.dir, 'audit.jsonl')]);
    expect((await failure(readRun(runs, idAt(0), sha256))).message).toContain('is no file');
    expect((await failure(placeIn(runs, idAt(1)))).message).toContain('is no file');
  });

  const begin = async (id: string): Promise<RunFolder> => {
    const place = await placeIn(runs, id);
    const run = await create(id);
    await run.append({ type: 'run-started', detail: placeDetail(place) });
    return run;
  };
  const named = async (self = idAt(99_000)): Promise<string[]> => {
    const { previousRun, besides } = await placeIn(runs, self);
    return [previousRun, ...besides].flatMap((link) => (link === null ? [] : [link.run]));
  };

  it('gives runs numbers, and the last record of the one before, whatever the clock says', async () => {
    const place = await placeIn(runs, idAt(0));
    expect(place).toEqual({ chain: idAt(0), number: 1, previousRun: null, besides: [] });
    const ahead = await begin(idAt(50_000));
    const { seq, digest } = await ahead.append({ type: 'run-ended' });
    await ahead.close();
    const link = { run: idAt(50_000), seq, digest, chain: idAt(50_000), number: 1, ended: true };
    expect(await placeIn(runs, idAt(1000))).toEqual({
      chain: idAt(50_000),
      number: 2,
      previousRun: link,
      besides: [],
    });
    await (await begin(idAt(1000))).close();
    expect(await placeIn(runs, idAt(2000))).toMatchObject({
      chain: idAt(50_000),
      number: 3,
      previousRun: { run: idAt(1000), seq: 1, ended: false },
    });
  });

  it('are in the order of their numbers, whatever the clock says, and by name where none binds', () => {
    const run = (
      hour: number,
      number: number,
      chain = 'here',
    ): Parameters<typeof inOrder>[0][0] => ({
      id: `20261127T${String(hour).padStart(2, '0')}0000000Z-apply-0000000${number}`,
      place: { chain, number },
    });
    // The clock was an hour ahead for the second run, and right again for the others.
    const own = [run(8, 1), run(10, 2), run(9, 3), run(9, 4), run(11, 5)];
    const others = [run(7, 1, 'there'), run(12, 1, 'elsewhere'), run(6, 0, 'nowhere')];
    const ids = (runs: typeof own): string[] => runs.map(({ id }) => id);
    expect(inOrder([...own].reverse())).toEqual(ids(own));
    const [there, elsewhere, nowhere] = others as [
      (typeof own)[0],
      (typeof own)[0],
      (typeof own)[0],
    ];
    expect(inOrder([...own, ...others])).toEqual(ids([nowhere, there, ...own, elsewhere]));
    expect(inOrder([])).toEqual([]);
  });

  it('names all that were at work at once, and again what has said more since', async () => {
    const [one, other] = [await begin(idAt(0)), await create(idAt(1000))];
    await other.append({ type: 'run-started', detail: { folder: { chain: 'x', number: 1 } } });
    expect(await named()).toEqual([idAt(1000), idAt(0)]);
    await (await begin(idAt(2000))).close();
    expect(await named()).toEqual([idAt(2000)]);
    await one.append({ type: 'run-ended' });
    expect(await named()).toEqual([idAt(2000), idAt(0)]);
    await (await begin(idAt(3000))).close();
    expect(await named()).toEqual([idAt(3000)]);
    await Promise.all([one.close(), other.close()]);
  });

  it('passes over a run that was killed before its first record', async () => {
    await (await begin(idAt(0))).close();
    await (await create(idAt(1000))).close();
    expect(await named()).toEqual([idAt(0)]);
  });

  it('goes on from runs of a time without numbers', async () => {
    const old = await create(idAt(0));
    await old.append({ type: 'run-started', detail: { previousRun: null } });
    await old.close();
    expect(await placeIn(runs, idAt(1000))).toMatchObject({
      chain: idAt(0),
      number: 1,
      previousRun: { run: idAt(0), number: 0 },
    });
  });

  it('names a run whose first record is longer than what is read at a time', async () => {
    const place = await placeIn(runs, idAt(0));
    const run = await create(idAt(0));
    const detail = { ...placeDetail(place), text: 'x'.repeat(200_000) };
    await run.append({ type: 'run-started', detail });
    await run.close();
    expect(await named()).toEqual([idAt(0)]);
  });

  it('takes nothing more once a run has ended', async () => {
    const run = await create();
    await run.append({ type: 'run-started' });
    await run.append({ type: 'run-ended' });
    expect(await failure(run.append({ type: 'intent' }))).toMatchObject({ code: 'run-ended' });
    await run.close();
    expect((await readRun(runs, idAt(0), sha256)).chain.records).toHaveLength(2);
  });

  it('shows what was under way when a run was killed', async () => {
    const run = await create();
    await run.append({ type: 'run-started' });
    const step = { address: 'RoutingStrategy/a', detail: { step: 'update' } } as const;
    await run.append({ type: 'intent', ...step });
    await run.close();
    await appendFile(path.join(run.dir, 'audit.jsonl'), '{"seq":3,"at":"20');
    const { chain } = await readRun(runs, idAt(0), sha256);
    expect(chain.unfinished).toMatchObject([{ seq: 2, address: 'RoutingStrategy/a' }]);
    expect([chain.ended, chain.problems, chain.cut]).toEqual([false, [], true]);
    expect(await readdir(run.dir)).toEqual(['audit.jsonl']);
  });
});

describe.skipIf(process.platform === 'win32')('a folder of runs', () => {
  it('is for its owner alone, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      const run = await create();
      await run.append({ type: 'run-started' });
      await run.writeSummary('x');
      await run.close();
      const modes = [
        runs,
        run.dir,
        ...(await readdir(run.dir)).map((one) => path.join(run.dir, one)),
      ];
      const found = await Promise.all(modes.map(async (one) => (await stat(one)).mode & 0o777));
      expect(found).toEqual([0o700, 0o700, 0o600, 0o600]);
    } finally {
      process.umask(before);
    }
  });

  it('that is open to others is closed where it is ours, and said where it is not', async () => {
    const ours = path.join(dir, '.strategos', 'runs');
    for (const folder of [ours, runs]) await mkdir(folder, { recursive: true });
    for (const folder of [ours, runs]) await chmod(folder, 0o755);
    expect(await closeToOthers(ours)).toBeNull();
    expect((await stat(ours)).mode & 0o777).toBe(0o700);
    expect(await closeToOthers(runs)).toContain(
      'is open to other users of this machine (mode 755)',
    );
    expect((await stat(runs)).mode & 0o777).toBe(0o755);
  });
});
