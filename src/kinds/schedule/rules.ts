/** What a schema cannot say of a Schedule. */
import type { Issue } from '../../core/issue.js';
import { isObject, textOf, type Json, type JsonObject } from '../../core/json.js';
import type { Manifest } from '../../core/types.js';
import { fitted, localTime, recurrence, type Recurrence } from '../../core/recurrence.js';
import { problem } from '../problem.js';

/** Total: what does not fit the schema is passed over. */
export function rules(manifest: Manifest): Issue[] {
  const { spec } = manifest.body;
  if (!isObject(spec)) return [];
  return [...unreadable(manifest, spec), ...order(manifest, spec), ...rule(manifest, spec)];
}

function said(value: Json | undefined): string {
  return textOf(value ?? '');
}

function unreadable(manifest: Manifest, spec: JsonObject): Issue[] {
  return ['start', 'end'].flatMap((key) => {
    const value = spec[key];
    if (typeof value !== 'string' || localTime(value) !== null) return [];
    return [
      problem(manifest, `/spec/${key}`, {
        code: 'no-local-time',
        message: `spec.${key}: ${value} is no local date-time`,
        hint: 'write it as 2026-01-05T08:00:00: a day that there is, and no time zone',
      }),
    ];
  });
}

/** Over midnight is a later day: `18:00` to `08:59` of the next. */
function order(manifest: Manifest, { start, end }: JsonObject): Issue[] {
  const [from, to] = [start, end].map((one) => (typeof one === 'string' ? localTime(one) : null));
  if (from == null || to == null || from < to) return [];
  return [
    problem(manifest, '/spec/end', {
      code: 'end-before-start',
      message: `spec.end: ${said(end)} is not after the start, ${said(start)}`,
      hint: 'a schedule over midnight ends on the day after',
    }),
  ];
}

function rule(manifest: Manifest, { start, end, rrule }: JsonObject): Issue[] {
  if (typeof rrule !== 'string' || rrule.trim() === '') return [];
  let found: Recurrence;
  try {
    found = recurrence(rrule);
  } catch (error) {
    return [
      problem(manifest, '/spec/rrule', {
        code: 'no-recurrence-rule',
        message: `spec.rrule: ${rrule} is no recurrence rule: ${(error as Error).message}`,
        hint: 'RFC 5545 has them: FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR',
      }),
    ];
  }
  const from = typeof start === 'string' ? localTime(start) : null;
  if (from === null) return [];
  if (found.first(from) === null) {
    return [
      problem(manifest, '/spec/rrule', {
        code: 'never-fires',
        message: `spec.rrule: ${rrule} names no time from ${said(start)} on`,
        hint: 'look at UNTIL, COUNT and INTERVAL, and at months that lack the day',
      }),
    ];
  }
  const fits = fitted(from, typeof end === 'string' ? end : from, rrule);
  if (fits === null) return [];
  return [
    problem(manifest, '/spec/start', {
      code: 'start-off-rule',
      message:
        `spec.start: ${said(start)} is no time of its rule, ${rrule}; ` + 'the platform moves it',
      hint: `write start: ${fits.start.slice(0, 19)}${
        typeof end === 'string' ? ` and end: ${fits.end.slice(0, 19)}` : ''
      }`,
    }),
  ];
}
