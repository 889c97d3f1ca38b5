/** What a schema cannot say of a ScheduleGroup, alone and beside the schedules that it names. */
import type { Issue } from '../../core/issue.js';
import { isObject, textOf, type Json, type JsonObject } from '../../core/json.js';
import { specOf } from '../../core/manifest.js';
import { canonicalRule, isTimeZone, localTime } from '../../core/recurrence.js';
import type { Manifest } from '../../core/types.js';
import { problem } from '../problem.js';

export function rules(manifest: Manifest): Issue[] {
  const { spec } = manifest.body;
  const zone = isObject(spec) ? spec['timeZone'] : null;
  if (typeof zone !== 'string' || isTimeZone(zone)) return [];
  return [
    problem(manifest, '/spec/timeZone', {
      code: 'no-time-zone',
      message: `spec.timeZone: ${zone} is no time zone`,
      hint: 'the IANA has them: Europe/Berlin, America/New_York, UTC',
    }),
  ];
}

/** Closed counts before open: what covers it leaves nothing of it. */
export function among(
  manifest: Manifest,
  declared: (kind: string, name: string) => Manifest | null,
): Issue[] {
  const spec = specOf(manifest);
  const named = (name: string): Manifest | null => declared('Schedule', name);
  return itemsIn(spec['closedSchedules']).flatMap((closed, index) => {
    const hides = itemsIn(spec['openSchedules']).find((open) => {
      const [over, under] = [named(closed), named(open)];
      return over !== null && under !== null && covers(specOf(over), specOf(under));
    });
    if (hides === undefined) return [];
    return [
      problem(manifest, `/spec/closedSchedules/${index}`, {
        code: 'never-open',
        message:
          `spec.closedSchedules[${index}]: ${closed} covers ${hides}, ` +
          'which is never open then',
        hint: `take ${closed} out, or give it the hours at which it is closed`,
      }),
    ];
  });
}

function itemsIn(list: Json | undefined): string[] {
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
}

/**
 * Whether every time of `under` lies in one of `over`, as far as that shows: by the same rule from
 * the same days on, at hours that are no fewer.
 */
function covers(over: JsonObject, under: JsonObject): boolean {
  const [a, b] = [timesOf(over), timesOf(under)];
  if (a === null || b === null) return false;
  if (canonicalRule(a.rule) !== canonicalRule(b.rule)) return false;
  if (a.rule === '') return a.start <= b.start && a.end >= b.end;
  const isAsLong = a.start.slice(10) <= b.start.slice(10) && lengthOf(a) >= lengthOf(b);
  return a.start <= b.start && isAsLong;
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

/** Sorts as lengths do: the day of the end counted from the start, then its hour. */
function lengthOf({ start, end }: Times): string {
  const days = start.slice(0, 10) === end.slice(0, 10) ? '0' : '1';
  return `${days}${end.slice(10)}`;
}
