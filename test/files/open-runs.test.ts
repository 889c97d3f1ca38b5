/** What earlier runs have left open, and who may release their lock. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../src/core/audit.js';
import { chainedDetail, headDetail, type HeadRecord } from '../../src/core/head.js';
import type { JsonObject } from '../../src/core/json.js';
import type { Owner } from '../../src/core/owner.js';
import { sha256 } from '../../src/files/digest.js';
import {
  endsIn,
  lastLeftIn,
  lateUpdates,
  mayTakeOver,
  openRuns,
} from '../../src/files/open-runs.js';
import { placeIn } from '../../src/files/folder-chain.js';
import { isProcessGone, lifeOf, processMark } from '../../src/files/process-mark.js';
import { RunFolder, runId } from '../../src/files/runs.js';
import { START_MS, VirtualClock } from '../support/org.js';
import { GONE } from '../support/gone.js';

let runs: string;
beforeEach(async () => {
  runs = await mkdtemp(path.join(tmpdir(), 'strategos-open-'));
});
afterEach(async () => rm(runs, GONE));

const idOf = (minute: number): string => runId('apply', START_MS + minute * 60_000, 0.5);
const A = 'RoutingStrategy/a';
const intent = (step: string): AuditEntry => ({
  type: 'intent',
  address: A,
  after: { status: 'active' },
  request: { method: 'PUT', path: '/x', status: null, correlationId: null },
  detail: { step, body: { status: 'active' } },
});
const outcome = (step: string, state: string): AuditEntry => ({
  type: 'outcome',
  address: A,
  detail: { step },
  outcome: { state, message: '' },
});
const planned: AuditEntry = { type: 'planned', detail: { organization: 'org-1' } };
const settledAll = (run: string): AuditEntry => ({
  type: 'settled',
  outcome: { state: 'all', message: '' },
  detail: { run },
});

interface Written {
  readonly ends?: boolean;
  readonly environment?: string;
  readonly process?: JsonObject | null;
  readonly owner?: JsonObject;
  readonly command?: string;
}

async function write(id: string, entries: readonly AuditEntry[], as: Written = {}): Promise<void> {
  const { ends = true, environment = 'test', process = null, owner, command } = as;
  const context = { run: id, actor: 'ada', environment };
  const run = await RunFolder.create(runs, context, new VirtualClock(), sha256);
  const detail = {
    ...(command === undefined ? {} : { command }),
    ...(process === null ? {} : { process }),
    ...(owner ? { owner } : {}),
  };
  await run.append({ type: 'run-started', detail });
  for (const entry of entries) await run.append(entry);
  if (ends) await run.end({ state: 'applied', message: '' }, { exitCode: 0 });
  await run.close();
}

/** The mark of a process that has come and gone. */
async function goneMark(): Promise<JsonObject> {
  const child = spawn(process.execPath, ['-e', '']);
  const { pid = 0 } = child;
  await once(child, 'close');
  return { ...processMark(), pid, start: '1' };
}

const ASKING = { environment: 'test', self: 'me' };

const open = async (isOwner: (owner: Owner) => boolean = () => false): Promise<string[]> =>
  (await openRuns(await endsIn(runs), { ...ASKING, isOwner })).map(({ run }) => run);

it('what the newest runs of a command set out to change, whatever became of it', async () => {
  const moved = [intent('update'), outcome('update', 'updated'), intent('record')];
  const command = 'optimize';
  await write(idOf(1), moved, { command, ends: false });
  await write(idOf(2), moved, { command: 'apply' });
  await write(idOf(3), moved, { command, environment: 'prod' });
  const owner = { name: 'github.com/acme/other', environment: 'test' };
  await write(idOf(4), moved, { command, owner });
  await write(idOf(5), [intent('create')], { command });
  await mkdir(path.join(runs, idOf(6)));
  const of = async (self: string): Promise<unknown[]> =>
    (await lateUpdates(runs, command, { ...ASKING, self, isOwner: () => false })).map(
      ({ run, address, after }) => [run, address, after],
    );
  expect(await of('me')).toEqual([[idOf(1), A, { status: 'active' }]]);
  expect(await of(idOf(1))).toEqual([]);
  // Of a moment ago; not of days.
  for (let minute = 7; minute < 30; minute += 1) await mkdir(path.join(runs, idOf(minute)));
  expect(await of('me')).toEqual([]);
});

describe('a run of another owner of an environment of that name', () => {
  const owner = { name: 'github.com/acme/routing//east', environment: 'test' };
  const isEast = ({ name }: Owner): boolean => name === owner.name;

  it.each<[string, AuditEntry[], Written]>([
    ['that says so at its start', [intent('update')], { owner }],
    ['of a version that says it later', [{ type: 'chained', detail: { owner } }, intent('x')], {}],
  ])('is none of ours, and theirs: %s', async (_name, entries, as) => {
    await write(idOf(0), entries, { ends: false, ...as });
    expect(await open(() => false)).toEqual([]);
    expect(await open(isEast)).toEqual([idOf(0)]);
  });

  it('may say that one of ours is settled', async () => {
    await write(idOf(0), [intent('update')], { ends: false });
    await write(idOf(1), [settledAll(idOf(0))], { owner });
    expect(await open()).toEqual([]);
  });
});

describe('a run', () => {
  it.each<[string, AuditEntry[], Written, boolean]>([
    ['that ended well has left nothing', [intent('update'), outcome('update', 'sent')], {}, false],
    ['that was refused neither', [intent('update'), outcome('update', 'failed')], {}, false],
    ['that was killed in a write has', [intent('update')], { ends: false }, true],
    ['that was killed between writes has not', [planned], { ends: false }, false],
    ['that ended without an answer has', [intent('update'), outcome('update', 'open')], {}, true],
    [
      'that looked by itself has not',
      [
        ...[intent('update'), outcome('update', 'open')],
        { type: 'settled', address: A, detail: { step: 'update' } },
      ],
      {},
      false,
    ],
    ['of another environment is none of ours', [intent('x')], { environment: 'prod' }, false],
  ])('%s', async (_name, entries, as, left) => {
    await write(idOf(0), entries, as);
    expect(await open()).toEqual(left ? [idOf(0)] : []);
  });

  it('tells what it has left: the intent, its body, and the org that it planned for', async () => {
    await write(idOf(0), [planned, intent('update')], { ends: false });
    expect(await openRuns(await endsIn(runs), { ...ASKING, isOwner: () => false })).toEqual([
      {
        run: idOf(0),
        organization: 'org-1',
        isOver: false,
        intents: [
          {
            seq: 3,
            at: '2026-03-02T09:00:00.000Z',
            address: A,
            step: 'update',
            before: null,
            after: { status: 'active' },
            request: { method: 'PUT', path: '/x' },
            body: { status: 'active' },
          },
        ],
      },
    ]);
  });

  it('that was settled is done with, whether the one that did it ended or not', async () => {
    await write(idOf(0), [intent('update')], { ends: false });
    await write(idOf(1), [intent('update')], { ends: false });
    await write(idOf(2), [settledAll(idOf(0))]);
    expect(await open()).toEqual([idOf(1)]);
    await write(idOf(3), [settledAll(idOf(1))], { ends: false });
    expect(await open()).toEqual([]);
  });

  it('is read to its last record only, however long that is', async () => {
    const long = { ...outcome('update', 'sent'), after: { text: 'x'.repeat(200_000) } };
    await write(idOf(0), [intent('update'), long]);
    await write(idOf(1), [intent('update'), long], { ends: false });
    await write(idOf(2), [{ ...intent('update'), after: { text: 'x'.repeat(200_000) } }], {
      ends: false,
    });
    expect(await open()).toEqual([idOf(2)]);
  });
});

describe('the lock of a run', () => {
  it('may be released when it ended, by one other at a time', async () => {
    await write(idOf(0), []);
    await write(idOf(1), [], { ends: false, process: processMark() });
    expect(await mayTakeOver(runs, idOf(0), idOf(1))).toBe(true);
    expect(await mayTakeOver(runs, idOf(0), idOf(2))).toBe(false);
    expect(await mayTakeOver(runs, idOf(0), idOf(1))).toBe(false);
  });

  it('may be released by another when the first one to do it is gone as well', async () => {
    await write(idOf(0), []);
    await write(idOf(1), [], { ends: false, process: await goneMark() });
    expect(await mayTakeOver(runs, idOf(0), idOf(1))).toBe(true);
    expect(await mayTakeOver(runs, idOf(0), idOf(2))).toBe(true);
    expect(await mayTakeOver(runs, idOf(0), idOf(3))).toBe(false);
  });

  it('goes to one of many that ask at once', async () => {
    await write(idOf(0), []);
    const asked = Array.from({ length: 20 }, async (_, at) => mayTakeOver(runs, idOf(0), `r${at}`));
    expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1);
  });

  it('goes to the next one that asks when the first could not write its name', async () => {
    await write(idOf(0), []);
    // As on a full disk: the place of its name is taken.
    await mkdir(path.join(runs, idOf(0), `lock-taken-over-1-by-${idOf(1)}`));
    expect(await mayTakeOver(runs, idOf(0), idOf(1))).toBe(false);
    expect(await mayTakeOver(runs, idOf(0), idOf(2))).toBe(true);
    expect(await mayTakeOver(runs, idOf(0), idOf(3))).toBe(false);
  });

  it.each<[string, () => Promise<Written>, boolean]>([
    ['its process is gone', () => goneMark().then((process) => ({ ends: false, process })), true],
    [
      'its process is this one',
      () => Promise.resolve({ ends: false, process: processMark() }),
      false,
    ],
    ['nobody knows of its process', () => Promise.resolve({ ends: false }), false],
  ])('depends on it: %s', async (_name, as, expected) => {
    await write(idOf(0), [], await as());
    expect(await mayTakeOver(runs, idOf(0), 'me')).toBe(expected);
  });

  it.each(['', '..', '../runs', 'nobody', '/etc'])(
    'is left alone for the name "%s"',
    async (run) => {
      expect(await mayTakeOver(runs, run, 'me')).toBe(false);
    },
  );
});

describe('a process', () => {
  it('that lives is not gone, and one that has ended is', async () => {
    expect(isProcessGone(processMark() ?? undefined)).toBe(false);
    expect(lifeOf(processMark() ?? undefined)).toBe(processMark() === null ? 'unknown' : 'living');
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => 0, 60_000)']);
    const mark = { ...processMark(), pid: child.pid ?? 0, start: 'another time' };
    // Its number was given to somebody else since.
    expect(isProcessGone(mark)).toBe(processMark() !== null);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(isProcessGone({ ...mark, start: '5' })).toBe(processMark() !== null);
  });

  it.each<[string, (mark: JsonObject) => JsonObject]>([
    ['of another boot', (mark) => ({ ...mark, boot: 'x' })],
    ['of another container', (mark) => ({ ...mark, namespace: 'pid:[1]' })],
    ['without a number', (mark) => ({ ...mark, pid: 'one' })],
    ['with a number that is none', (mark) => ({ ...mark, pid: -1 })],
    ['without a boot', (mark) => ({ ...mark, boot: '' })],
  ])('%s is not known to be gone', async (_name, change) => {
    expect(lifeOf(change(await goneMark()))).toBe('unknown');
  });
});

describe('the head that was left last', () => {
  const us: Owner = { name: 'github.com/acme/routing//strategies', environment: 'test' };
  const isUs = ({ name }: Owner): boolean => name === us.name;
  const digest = `sha256:${'0'.repeat(64)}` as const;
  const headOf = (run: string, number: number): HeadRecord => ({
    chain: idOf(0),
    number,
    run,
    seq: 2,
    digest,
  });
  const leaving = (run: string, number: number, ended: string | null): AuditEntry[] => [
    {
      type: 'chained',
      detail: chainedDetail({ owner: us, ...headOf(run, number), previous: null }),
    },
    { type: 'intent', detail: { step: 'head', head: headDetail(headOf(run, number)) } },
    ...(ended === null ? [] : [outcomeOfHead(ended)]),
  ];
  const outcomeOfHead = (state: string): AuditEntry => ({
    type: 'outcome',
    detail: { step: 'head' },
    outcome: { state, message: '' },
  });

  it('has the greatest number, whatever the names of runs say', async () => {
    await write(idOf(5), leaving(idOf(5), 1, 'sent'));
    await write(idOf(2), leaving(idOf(2), 2, 'sent'));
    expect(await lastLeftIn(await endsIn(runs), isUs)).toEqual(headOf(idOf(2), 2));
    expect(await lastLeftIn(await endsIn(runs), () => false)).toBe(null);
  });

  it.each([
    ['whose answer it had', 'sent', 2],
    ['that never had its answer', null, 2],
    ['that was told that it may have been written', 'open', 2],
    ['that was told that it was not written', 'failed', 1],
  ])('may be of a run that was killed after it had left it: one %s', async (_n, ended, number) => {
    await write(idOf(1), leaving(idOf(1), 1, 'sent'));
    await write(idOf(2), leaving(idOf(2), 2, ended), { ends: false });
    expect((await lastLeftIn(await endsIn(runs), isUs))?.number).toBe(number);
  });

  it('is, of two with one number, the one that is sure: the other was settled before it', async () => {
    await write(idOf(1), leaving(idOf(1), 2, 'open'), { ends: false });
    await write(idOf(2), leaving(idOf(2), 2, 'sent'));
    await write(idOf(3), leaving(idOf(3), 2, null), { ends: false });
    expect((await lastLeftIn(await endsIn(runs), isUs))?.run).toBe(idOf(2));
  });
});

describe('a log that nobody can read', () => {
  it('is an error, and not a run that has left nothing', async () => {
    await write(idOf(1), [planned, intent('create')], { ends: false });
    // To the one who owns everything, a folder in its place is what a file without rights is.
    await mkdir(path.join(runs, idOf(2), 'audit.jsonl'), { recursive: true });
    const asking = { environment: 'test', self: idOf(3), isOwner: () => true };
    for (const attempt of [
      async () => openRuns(await endsIn(runs), asking),
      async () => lastLeftIn(await endsIn(runs), () => true),
      () => placeIn(runs, idOf(3)),
    ]) {
      await expect(attempt()).rejects.toMatchObject({
        exitCode: 3,
        message: expect.stringContaining('the log of an earlier run cannot be read') as string,
      });
    }
    // And nobody is told that it is over.
    expect(await mayTakeOver(runs, idOf(2), idOf(3))).toBe(false);
  });
});
