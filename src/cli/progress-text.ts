/** How things stand → words: a line of a log, or the one line of a terminal. */
import { plural } from '../core/plural.js';
import { visible } from '../core/visible.js';
import { cut, widthOf } from '../render/width.js';
import type { ActivityState } from './activity.js';

/** A wait that is shorter is no news. */
const NOTABLE_MS = 2000;
/** Columns of a bar; with fewer there is none. */
const BAR = { least: 8, most: 24 };

/** `reading the org: 37 of 105 requests, about 40 s left` */
export function progressLine(standing: ActivityState, nowMs: number): string {
  return `${headText(standing, nowMs)}: ${detailText(standing, nowMs)}`;
}

/**
 * The same with a bar where there is room for one, within so many columns; the last of them stays
 * free: a terminal would begin a new line there.
 */
export function progressBar(standing: ActivityState, nowMs: number, columns: number): string {
  const line = progressLine(standing, nowMs);
  const count = countText(standing);
  // A bar takes the place of the colon, with a space more around it.
  const room = Math.min(BAR.most, columns - 1 - widthOf(line) - 3);
  if (count === '' || room < BAR.least) return cut(line, columns - 1);
  const filled = Math.round((room * standing.done) / standing.of);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(room - filled)}`;
  return [headText(standing, nowMs), bar, detailText(standing, nowMs)].join('  ');
}

function detailText(standing: ActivityState, nowMs: number): string {
  const details = [countText(standing), tailText(standing, nowMs)];
  return details.filter((one) => one !== '').join(', ');
}

function headText(standing: ActivityState, nowMs: number): string {
  const { wait, what } = standing;
  const isLong = wait?.for === 'other' && nowMs - wait.sinceMs >= NOTABLE_MS;
  // Where something is counted it goes on as what it is; else the wait is all there is to say.
  return isLong && countText(standing) === '' ? 'waiting' : visible(what);
}

/** Of one thing at a time there is nothing to count. */
function countText({ done, of, unit, wait }: ActivityState): string {
  const isLone = of <= 1 || (wait?.for === 'other' && unit === 'request' && of - done <= 1);
  return isLone ? '' : `${done} of ${plural(of, unit)}`;
}

function tailText({ wait, leftMs, forMs }: ActivityState, nowMs: number): string {
  const left = leftMs === null ? '' : `about ${spanText(leftMs)} left`;
  if (wait?.for === 'limit') {
    const waiting = `waiting for the rate limit, ${spanText(wait.leftMs)}`;
    return leftMs !== null && leftMs > wait.leftMs ? `${waiting}; ${left}` : waiting;
  }
  if (wait !== null && nowMs - wait.sinceMs >= NOTABLE_MS) {
    return `${visible(wait.reason)}, ${spanText(nowMs - wait.sinceMs)} so far`;
  }
  return left === '' ? `${spanText(forMs)} so far` : left;
}

/** `40 s`, `3 min`: seconds as long as anybody counts them. */
function spanText(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
