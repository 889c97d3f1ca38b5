/** What a schema cannot say of a ScheduleGroup, alone and beside the schedules that it names. */
import type { Issue } from '../../core/issue.js';
import { isObject, textOf, type Json, type JsonObject } from '../../core/json.js';
import { specOf } from '../../core/manifest.js';
import {
  canonicalRule,
  daysBetween,
  localTime,
  saysItsDays,
  zoneWritten,
} from '../../core/recurrence.js';
import type { Manifest } from '../../core/types.js';
import { problem } from '../problem.js';

export function rules(manifest: Manifest): Issue[] {
  const { spec } = manifest.body;
  return isObject(spec) ? [...zoneIssues(manifest, spec), ...neverOpen(manifest, spec)] : [];
}

function zoneIssues(manifest: Manifest, { timeZone: zone }: JsonObject): Issue[] {
  if (typeof zone !== 'string') return [];
  const written = zoneWritten(zone);
  if (written === zone) return [];
  return [
    problem(manifest, '/spec/timeZone', {
      code: 'no-time-zone',
      message: `spec.timeZone: ${zone} is no time zone`,
      hint:
        written === null
          ? 'the IANA has them: Europe/Berlin, America/New_York, UTC'
          : `write ${written}`,
    }),
  ];
}

/** Lists that count before that of what is open. */
const BEFORE_OPEN = ['closedSchedules', 'holidaySchedules'] as const;

/** The same schedule twice: what counts first leaves nothing of it. */
function neverOpen(manifest: Manifest, spec: JsonObject): Issue[] {
  const open = new Set(itemsIn(spec['openSchedules']));
  return BEFORE_OPEN.flatMap((list) =>
    itemsIn(spec[list]).flatMap((name, index) => {
      if (!open.has(name)) return [];
      return [
        problem(manifest, `/spec/${list}/${index}`, {
          code: 'never-open',
          message: `spec.${list}[${index}]: ${name} is an open schedule as well, and never open`,
          hint: 'take it out of one of the two',
        }),
      ];
    }),
  );
}

/** Closed counts before open: what covers it leaves nothing of it. */
export function among(
  manifest: Manifest,
  declared: (kind: string, name: string) => Manifest | null,
): Issue[] {
  const spec = specOf(manifest);
  const named = (name: string): Manifest | null => declared('Schedule', name);
  return BEFORE_OPEN.flatMap((list) => hiding(manifest, spec, list, named));
}

function hiding(
  manifest: Manifest,
  spec: JsonObject,
  list: (typeof BEFORE_OPEN)[number],
  named: (name: string) => Manifest | null,
): Issue[] {
  return itemsIn(spec[list]).flatMap((closed, index) => {
    const hides = itemsIn(spec['openSchedules']).find((open) => {
      if (open === closed) return false;
      const [over, under] = [named(closed), named(open)];
      return over !== null && under !== null && covers(specOf(over), specOf(under));
    });
    if (hides === undefined) return [];
    return [
      problem(manifest, `/spec/${list}/${index}`, {
        code: 'never-open',
        message: `spec.${list}[${index}]: ${closed} covers ${hides}, ` + 'which is never open then',
        hint: `take ${closed} out, or give it the hours at which it is closed`,
      }),
    ];
  });
}

function itemsIn(list: Json | undefined): string[] {
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
}

/**
 * Whether every time of `under` lies in one of `over`, as far as that shows: by a rule that comes
 * as often from the same days on, at hours that are no fewer.
 */
function covers(over: JsonObject, under: JsonObject): boolean {
  const [a, b] = [timesOf(over), timesOf(under)];
  if (a === null || b === null) return false;
  if (a.rule === '' && b.rule === '') return a.start <= b.start && a.end >= b.end;
  if (!isAsOften(a, b)) return false;
  const [days, least] = [a, b].map(({ start, end }) => daysBetween(start, end));
  const isAsLong = days === least ? a.end.slice(10) >= b.end.slice(10) : (days ?? 0) > (least ?? 0);
  return a.start <= b.start && a.start.slice(10) <= b.start.slice(10) && isAsLong;
}

/** By the rule of `over` come all the days of `under`: the same, every day, or more weekdays. */
function isAsOften(over: Times, under: Times): boolean {
  const [a, b] = [canonicalRule(over.rule), canonicalRule(under.rule)];
  if (a === b) return saysItsDays(a) || over.start.slice(0, 10) === under.start.slice(0, 10);
  if (a === 'FREQ=DAILY') return true;
  const [most, fewer] = [a, b].map((rule) => /^FREQ=WEEKLY;BYDAY=([A-Z,]+)$/.exec(rule)?.[1]);
  if (most === undefined || fewer === undefined) return false;
  const days = new Set(most.split(','));
  return fewer.split(',').every((day) => days.has(day));
}

interface Times {
  readonly start: string;
  readonly end: string;
  readonly rule: string;
}

function timesOf(spec: JsonObject): Times | null {
  const [start, end] = [spec['start'], spec['end']].map((one) => localTime(textOf(one ?? '')));
  if (start == null || end == null) return null;
  return { start, end, rule: textOf(spec['rrule'] ?? '') };
}
