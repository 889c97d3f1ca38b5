/**
 * What the logs of a folder say together: each names runs before it, in its folder and in the chain
 * of its owner, and whoever changes a log after that is contradicted by the ones behind it. What no
 * log here contradicts, the head in the org does: `head.ts`.
 *
 * Two things are told apart. A *finding* is a contradiction, or a run that must be here and is not.
 * A run that may have been made on another machine, or cleared away with all that were before it,
 * is said in a *note*.
 */
import { linksOf, chainPlaceOf, type AuditRecord, type Chain } from './audit.js';
import { isWork, headStandingOf, type Head, type HeadRecord, type HeadStanding } from './head.js';
import { isObject } from './json.js';

export interface LoggedRun {
  readonly id: string;
  readonly chain: Chain;
}

export interface Finding {
  readonly run: string;
  /** Of its log; `null` where it is about the run as a whole. */
  readonly line: number | null;
  readonly message: string;
  /** Of runs that the org counts and that are not here: where in their chain. */
  readonly missing?: Missing;
}

/**
 * `beginning`: from number 1 to somewhere, and all that came after is here. That is so as well
 * where what was kept for a time has been cleared away. `between`: those before and after are here.
 */
export type Missing = 'beginning' | 'between' | 'end';

export interface LogVerdict {
  readonly findings: readonly Finding[];
  readonly notes: readonly Finding[];
}

/** What is wrong with the log of one run by itself. */
export function chainFindings({ id, chain }: LoggedRun): Finding[] {
  const found = chain.problems.map(({ line, message }) => ({ run: id, line, message }));
  const foreign = chain.records.find((record) => record.run !== id);
  if (foreign !== undefined) {
    const line = chain.records.indexOf(foreign) + 1;
    found.push({ run: id, line, message: `holds a record of run ${foreign.run}` });
  }
  return found;
}

/** `whole`: the runs are all that the folder has. */
export function verdictOn(runs: readonly LoggedRun[], whole: boolean): LogVerdict {
  const folder = folderFindings(runs, whole);
  const owners = new Owners(runs, whole);
  owners.check();
  return { findings: [...folder, ...owners.findings], notes: owners.notes };
}

/** The same, against the head that the org has for the owner whose runs these are. */
export function verdictWith(
  runs: readonly LoggedRun[],
  head: Head | null,
  isOfOwner: (standing: HeadStanding) => boolean,
): LogVerdict {
  const owners = new Owners(runs, true);
  owners.check();
  owners.compare(head, isOfOwner);
  const findings = [...folderFindings(runs, true), ...owners.findings];
  return { findings, notes: owners.notes };
}

/** The first record of a run names the last of the runs before it. */
function folderFindings(runs: readonly LoggedRun[], whole: boolean): Finding[] {
  const byId = new Map(runs.map((run) => [run.id, run]));
  // The least number of each chain: what was before it may have been cleared away.
  const least = new Map<string, number>();
  let oldest = '';
  for (const { id, chain } of runs) {
    if (oldest === '' || id < oldest) oldest = id;
    const [first] = chain.records;
    if (first === undefined) continue;
    const place = chainPlaceOf(first) ?? { chain: id, number: 0 };
    least.set(place.chain, Math.min(place.number, least.get(place.chain) ?? Infinity));
  }
  return runs.flatMap(({ id, chain }): Finding[] => {
    const [first] = chain.records;
    if (first === undefined) return [];
    const own = chainPlaceOf(first);
    return linksOf(first).flatMap((link): Finding[] => {
      const about = (message: string): Finding[] => [{ run: link.run, line: null, message }];
      const before = byId.get(link.run);
      if (before === undefined) {
        const isFirst =
          own === null ? oldest > link.run : (least.get(link.chain) ?? Infinity) > link.number;
        return !whole || isFirst ? [] : about(`is missing: run ${id} was chained to it`);
      }
      if (before.chain.records[link.seq - 1]?.digest !== link.digest) {
        return about(`record ${link.seq} is missing or changed: run ${id} was chained to it`);
      }
      const there = chainPlaceOf(before.chain.records[0] as AuditRecord)?.number ?? 0;
      if (there === link.number && (own === null || own.number > there)) return [];
      return about(`has the number ${there}, and run ${id}, behind it, says ${link.number}`);
    });
  });
}

interface Member extends LoggedRun {
  readonly standing: HeadStanding;
}

/** Runs that wrote, in the chains of their owners. */
class Owners {
  readonly findings: Finding[] = [];
  readonly notes: Finding[] = [];
  private readonly members: Member[];
  private readonly byId: ReadonlyMap<string, Member>;

  constructor(
    runs: readonly LoggedRun[],
    private readonly whole: boolean,
  ) {
    this.members = runs
      .map((run) => ({ ...run, standing: headStandingOf(run.chain.records) }))
      .filter(({ standing }) => standing.chained !== null || standing.left !== null);
    this.byId = new Map(this.members.map((one) => [one.id, one]));
  }

  /** What the logs say of each other. */
  check(): void {
    for (const member of this.members) {
      this.checkSelf(member);
      const previous = member.standing.chained?.previous ?? null;
      if (previous !== null) this.isAs(previous, `run ${member.id} found it in the org`);
    }
    if (!this.whole) return;
    this.checkNumbers();
  }

  /** What a run says of itself agrees. */
  private checkSelf({ id, chain, standing }: Member): void {
    const { chained, left, leftAt } = standing;
    if (chained !== null) {
      const { previous, number } = chained;
      const fits =
        previous === null
          ? number === 1 && chained.chain === id
          : number === previous.number + 1 && chained.chain === previous.chain;
      if (!fits) this.find(id, `says number ${number}, which does not follow what it found`);
    }
    if (left === null) return;
    const isSame =
      chained?.chain === left.chain && chained.number === left.number && left.run === id;
    if (!isSame || chain.records[left.seq - 1]?.digest !== left.digest) {
      this.find(id, `the head that it left (record ${leftAt}) is not of its own log`);
    }
    const late = chain.records.slice(leftAt).find(isWork);
    if (late === undefined) return;
    this.find(id, `record ${late.seq} (${late.type}) comes after it had left its head`);
  }

  /** The record that somebody else names; false where its run is not here. */
  private isAs(head: HeadRecord, who: string): boolean {
    const member = this.byId.get(head.run);
    if (member === undefined) return false;
    const { chained, left } = member.standing;
    if (member.chain.records[head.seq - 1]?.digest !== head.digest) {
      this.find(head.run, `record ${head.seq} is missing or changed: ${who}`);
    } else if (chained?.number !== head.number || chained.chain !== head.chain) {
      const said = chained === null ? 'no number' : `number ${chained.number}`;
      this.find(head.run, `says ${said}, and is number ${head.number}: ${who}`);
    } else if (left?.seq !== head.seq) {
      // What it says after that record, before it says that it leaves its head, was put in.
      const said = left === null ? 'of no head' : `of record ${left.seq} as its head`;
      this.find(head.run, `says ${said}, and it was record ${head.seq}: ${who}`);
    }
    return true;
  }

  private checkNumbers(): void {
    for (const [chain, members] of this.chains()) {
      const left = new Map<number, string>();
      const here = new Set<number>();
      const named = new Set<number>();
      for (const { id, standing } of members) {
        const { chained, effect } = standing;
        const number = chained?.number ?? 0;
        if (chained?.previous != null) named.add(chained.previous.number);
        if (standing.left === null || effect === 'did not') this.headless(id, number);
        else here.add(number);
        if (effect !== 'took effect') continue;
        const other = left.get(number);
        if (other !== undefined) {
          this.find(id, `and run ${other} have both left the head number ${number} in the org`);
        }
        left.set(number, id);
      }
      const gaps = gapsIn(here, named);
      if (gaps === '') continue;
      const message = `not here: number ${gaps} of the runs that wrote`;
      const why = 'made elsewhere, cleared away or removed';
      this.notes.push({ run: chain, line: null, message: `${message}: ${why}` });
    }
  }

  private headless(id: string, number: number): void {
    const why = 'it did not come so far, or its lock was no longer its own';
    this.notes.push({ run: id, line: null, message: `left no head (number ${number}): ${why}` });
  }

  /** Back from what the org says. */
  compare(head: Head | null, isOfOwner: (standing: HeadStanding) => boolean): void {
    const ours = this.members.filter(({ standing }) => isOfOwner(standing));
    const leavers = ours.filter(({ standing }) => standing.effect === 'took effect');
    if (head === null) {
      for (const { id } of leavers) {
        this.find(id, 'left its head in the org, and the org has none: its row was deleted');
      }
      return;
    }
    const seen = this.walk(head, ours);
    for (const { id, standing } of leavers) {
      if (seen.has(id)) continue;
      const { chain, number } = standing.chained ?? { chain: '', number: 0 };
      const why =
        chain !== head.chain
          ? `is of a chain that the org's head (run ${head.run}) is not of`
          : number > head.number
            ? `says number ${number}, and the head in the org is number ${head.number}`
            : `says number ${number}, and the runs that the org knows do not name it`;
      this.find(id, `${why}: it was made up or changed, or the head was`);
    }
  }

  /** From the head to number 1; the runs that were come upon. */
  private walk(head: Head, ours: readonly Member[]): ReadonlySet<string> {
    const chain = ours
      .filter(({ standing }) => standing.chained?.chain === head.chain && standing.left !== null)
      .sort((a, b) => numberOf(b) - numberOf(a));
    const seen = new Set<string>();
    const missing: Range[] = [];
    let next: HeadRecord | null = head;
    let who = 'it is the head in the org';
    let number = head.number;
    let at = 0;
    while (number > 0) {
      if (next !== null && !seen.has(next.run) && this.isAs(next, who)) {
        seen.add(next.run);
        who = `run ${next.run} found it in the org`;
        next = this.byId.get(next.run)?.standing.chained?.previous ?? null;
        number -= 1;
        continue;
      }
      if (number === head.number) {
        const what = `is missing: it is the head in the org, number ${number}`;
        this.findings.push({ run: head.run, line: null, message: what, missing: 'end' });
      }
      // Nobody here names what was before it: the next that is here has its own word alone.
      let below = chain[at];
      while (below !== undefined && numberOf(below) >= number) below = chain[(at += 1)];
      const to = below === undefined ? 0 : numberOf(below);
      if (number - to > (number === head.number ? 1 : 0)) {
        missing.push([to + 1, number === head.number ? number - 1 : number]);
      }
      next = below?.standing.left ?? null;
      number = to;
    }
    this.findMissing(head, missing.toReversed(), seen);
    return seen;
  }

  private findMissing(head: Head, ranges: readonly Range[], seen: ReadonlySet<string>): void {
    const run = head.chain;
    const about = (message: string, missing: Missing): unknown =>
      this.findings.push({ run, line: null, message: `not here: number ${message}`, missing });
    const [first] = ranges;
    const oldest = this.members
      .filter(({ id }) => seen.has(id))
      .sort((a, b) => numberOf(a) - numberOf(b))[0];
    // Without its head nobody can say that all the rest is here.
    const isBeginning = first?.[0] === 1 && oldest !== undefined && seen.has(head.run);
    const others = isBeginning ? ranges.slice(1) : ranges;
    if (isBeginning) {
      const at = oldest.chain.records[0]?.at ?? '';
      const from = `number ${numberOf(oldest)} is run ${oldest.id}, of ${at}`;
      about(`${rangesText([first])} of its chain, its beginning: ${from}; ${CLEARED}`, 'beginning');
    }
    if (others.length === 0) return;
    const is = seen.has(head.run) ? 'between' : 'end';
    about(`${rangesText(others)} of its chain, which the org counts: ${GONE[is]}`, is);
  }

  private chains(): Map<string, Member[]> {
    const chains = new Map<string, Member[]>();
    for (const member of this.members) {
      const chain = member.standing.chained?.chain;
      if (chain === undefined) continue;
      const others = chains.get(chain);
      if (others === undefined) chains.set(chain, [member]);
      else others.push(member);
    }
    return chains;
  }

  private find(run: string, message: string): void {
    this.findings.push({ run, line: null, message });
  }
}

const CLEARED =
  'removed, or cleared away: workflow artifacts are gone after 90 days unless somebody keeps them';
const GONE = {
  between: 'those before and after are here, so it was removed, or was never put here',
  end: 'removed, or never put here',
} as const;

function numberOf({ standing }: Member): number {
  return standing.chained?.number ?? 0;
}

/** First and last. */
type Range = readonly [number, number];

/** Numbers between the least and the greatest that are known of, and not here. */
function gapsIn(here: ReadonlySet<number>, named: ReadonlySet<number>): string {
  const known = [...new Set([...here, ...named])].sort((a, b) => a - b);
  const gaps: Range[] = [];
  let least = Infinity;
  for (const number of here) least = Math.min(least, number);
  let last = 0;
  for (const number of known) {
    // What is before all that is here, nobody has asked for.
    if (number < least) continue;
    const from = Math.max(last + 1, least);
    const to = here.has(number) ? number - 1 : number;
    if (to >= from) gaps.push([from, to]);
    last = number;
  }
  return rangesText(gaps);
}

function rangesText(ranges: readonly Range[]): string {
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`)).join(', ');
}

/** Whether the logs say where they stand in their folder: those of earlier versions do not. */
export function isNumbered({ chain }: LoggedRun): boolean {
  const [first] = chain.records;
  return first === undefined || isObject(first.detail?.['folder']);
}
