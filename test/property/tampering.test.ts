/**
 * Tampering with the logs of an owner's runs. With the head that the org has, every kind of it is
 * found; without it, what the logs do not contradict.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordOf, verifyChain, type AuditEntry, type AuditRecord } from '../../src/core/audit.js';
import { behind, chainedDetail, headDetail, type Head } from '../../src/core/head.js';
import { verdictOn, verdictWith, type LoggedRun } from '../../src/core/verdict.js';
import { sha256 } from '../../src/files/digest.js';

const OWNER = { name: 'github.com/acme/routing', environment: 'prod' };
const AT = '2026-03-02T09:00:00.000Z';
const idAt = (index: number): string => `20260302T09000${index}000Z-apply-${index}`;

interface Log {
  readonly id: string;
  readonly records: readonly AuditRecord[];
  /** Records that the head in the org fixes, once the run has left it. */
  readonly fixed: number;
}

interface Org {
  readonly logs: readonly Log[];
  readonly head: Head;
}

/** One run of work a list; `name` is for a run that somebody makes up. */
function orgAfter(works: readonly (readonly string[])[], name = idAt): Org {
  let head: Head | null = null;
  let previousRun: AuditEntry['detail'] = null;
  const logs: Log[] = [];
  for (const [index, work] of works.entries()) {
    const id = name(index);
    const records: AuditRecord[] = [];
    const add = (entry: AuditEntry): void => {
      const context = { run: id, actor: 'ada', environment: 'prod' };
      records.push(recordOf(entry, context, records.at(-1) ?? null, AT, sha256));
    };
    const folder = { chain: name(0), number: index + 1 };
    add({ type: 'run-started', detail: { folder, previousRun } });
    const place = behind(head, id);
    add({ type: 'chained', detail: chainedDetail({ owner: OWNER, ...place, previous: head }) });
    for (const text of work) {
      const about = { address: 'RoutingStrategy/a', detail: { step: 'update', text } };
      add({ type: 'intent', ...about });
      add({ type: 'outcome', ...about, outcome: { state: 'sent', message: '' } });
    }
    const { seq, digest } = records.at(-1) as AuditRecord;
    head = { ...place, run: id, seq, digest, owner: OWNER, at: AT };
    add({ type: 'intent', detail: { step: 'head', head: headDetail(head) } });
    const sent = { state: 'sent', message: '' };
    add({ type: 'outcome', detail: { step: 'head' }, outcome: sent });
    add({ type: 'intent', detail: { step: 'unlock' } });
    add({ type: 'outcome', detail: { step: 'unlock' }, outcome: sent });
    add({ type: 'run-ended', outcome: { state: 'applied', message: '' } });
    const last = records.at(-1) as AuditRecord;
    previousRun = { run: id, seq: last.seq, digest: last.digest, ...folder, ended: true };
    logs.push({ id, records, fixed: seq });
  }
  return { logs, head: head as unknown as Head };
}

function read(logs: readonly Log[]): LoggedRun[] {
  return logs.map(({ id, records }) => {
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    return { id, chain: verifyChain(text, sha256) };
  });
}

const broken = (runs: readonly LoggedRun[]): string[] =>
  runs.flatMap(({ chain }) => chain.problems.map(({ message }) => message));

function withHead(logs: readonly Log[], head: Head | null): string[] {
  const runs = read(logs);
  const { findings } = verdictWith(runs, head, () => true);
  return [...broken(runs), ...findings.map(({ message }) => message)];
}

function offline(logs: readonly Log[]): string[] {
  const runs = read(logs);
  return [...broken(runs), ...verdictOn(runs, true).findings.map(({ message }) => message)];
}

const works = fc.array(fc.array(fc.string({ maxLength: 5 }), { minLength: 1, maxLength: 3 }), {
  minLength: 3,
  maxLength: 5,
});
const any = fc.nat({ max: 1000 });

function replaced<T>(list: readonly T[], index: number, by: T): T[] {
  return list.map((one, at) => (at === index ? by : one));
}

/** The same runs, where run `at` has done something else and everything behind it is made to fit. */
function rewritten(of: readonly (readonly string[])[], at: number): Org {
  return orgAfter(replaced(of, at, [...(of[at] ?? []), 'made up']));
}

/** What becomes of the records of one run. */
const EDITS: Readonly<
  Record<string, (records: readonly AuditRecord[], k: number) => AuditRecord[]>
> = {
  'a record is dropped': (records, k) => records.filter((_one, at) => at !== k),
  'two records are swapped': (records, k) => {
    const [a, b] = [records[k] as AuditRecord, records[(k + 1) % records.length] as AuditRecord];
    return replaced(replaced(records, k, b), (k + 1) % records.length, a);
  },
  'a record is edited': (records, k) =>
    replaced(records, k, { ...(records[k] as AuditRecord), actor: 'eve' }),
  'a record is there twice': (records, k) => [...records.slice(0, k + 1), ...records.slice(k)],
};

describe('tampering with logs', () => {
  it('is not said of logs that nobody has touched', () => {
    fc.assert(
      fc.property(works, (of) => {
        const { logs, head } = orgAfter(of);
        expect([offline(logs), withHead(logs, head)]).toEqual([[], []]);
      }),
      { numRuns: 20 },
    );
  });

  it.each(Object.entries(EDITS))('%s: found, with and without the head', (what, edit) => {
    fc.assert(
      fc.property(works, any, any, (of, r, k) => {
        const { logs, head } = orgAfter(of);
        const log = logs[r % logs.length] as Log;
        const isLast = log === logs.at(-1);
        // Without its last record, a run is like one that was killed: said, and no finding.
        const most = log.records.length - (what === 'a record is dropped' && isLast ? 1 : 0);
        const records = edit(log.records, k % most);
        const touched = replaced(logs, r % logs.length, { ...log, records });
        expect(offline(touched)).not.toEqual([]);
        expect(withHead(touched, head)).not.toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('a log is cut off: found where its head or a later run fixes what is gone', () => {
    fc.assert(
      fc.property(works, any, any, (of, r, k) => {
        const { logs, head } = orgAfter(of);
        const index = r % logs.length;
        const log = logs[index] as Log;
        const isLast = index === logs.length - 1;
        const keep = k % (isLast ? log.fixed + 1 : log.records.length);
        const records = log.records.slice(0, keep);
        const touched = replaced(logs, index, { ...log, records });
        expect(withHead(touched, head)).not.toEqual([]);
        if (!isLast) expect(offline(touched)).not.toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('one run is computed anew: found, where another is behind it also without the head', () => {
    fc.assert(
      fc.property(works, any, (of, r) => {
        const { logs, head } = orgAfter(of);
        const index = r % logs.length;
        const touched = replaced(logs, index, rewritten(of, index).logs[index] as Log);
        expect(withHead(touched, head)).not.toEqual([]);
        if (index < logs.length - 1) expect(offline(touched)).not.toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('all from the middle to the end is computed anew: the head alone finds it', () => {
    fc.assert(
      fc.property(works, any, (of, r) => {
        const { head } = orgAfter(of);
        const { logs } = rewritten(of, r % of.length);
        expect(withHead(logs, head)).not.toEqual([]);
        expect(offline(logs)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('runs are removed: the head finds any, the logs those from between others', () => {
    fc.assert(
      fc.property(works, any, (of, mask) => {
        const { logs, head } = orgAfter(of);
        const kept = logs.filter((_one, at) => (mask >> at) % 2 === 0);
        fc.pre(kept.length < logs.length);
        expect(withHead(kept, head)).not.toEqual([]);
        const first = logs.indexOf(kept[0] as Log);
        const isBetween = kept.some((one, at) => logs.indexOf(one) !== first + at);
        if (isBetween) expect(offline(kept)).not.toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('a run is put in, at any number: the head finds it', () => {
    fc.assert(
      fc.property(works, any, (of, r) => {
        const { logs, head } = orgAfter(of);
        const at = r % (logs.length + 1);
        const name = (index: number): string => `${idAt(index)}${index === at ? 'x' : ''}`;
        const made = orgAfter([...of.slice(0, at), ['made up']], name).logs[at] as Log;
        expect(withHead([...logs, made], head)).not.toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('the head is not there, or of another chain', () => {
    const { logs, head } = orgAfter([['a'], ['b'], ['c']]);
    expect(withHead(logs, null)[0]).toContain('the org has none: its row was deleted');
    const other = { ...head, chain: 'other', run: 'other', number: 1 };
    expect(withHead(logs, other).join('\n')).toContain('is of a chain that the org');
    expect(withHead([], head)[0]).toContain('is missing: it is the head in the org');
  });
});
