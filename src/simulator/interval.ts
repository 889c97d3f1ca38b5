/** Intervals on the wire: `start/end` in ISO 8601, without a zone in UTC. */
import { badRequest } from './refusal.js';

const DAY_MS = 86_400_000;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?$/;

/** Both ends in milliseconds since the epoch. 400 `invalid.date` for what is none, or too long. */
export function readInterval(text: string, mostDays: number): [number, number] {
  const [from = NaN, to = NaN, ...rest] = text.split('/').map((part) => {
    const match = ISO.exec(part);
    return match === null ? NaN : Date.parse(match[3] === undefined ? `${part}Z` : part);
  });
  if (Number.isNaN(from) || Number.isNaN(to) || rest.length > 0 || to < from) {
    throw badRequest(`The interval '${text}' is not start/end in ISO 8601`, 'invalid.date');
  }
  if (to - from > mostDays * DAY_MS) {
    throw badRequest(`The interval must not exceed ${mostDays} days`, 'invalid.date');
  }
  return [from, to];
}
