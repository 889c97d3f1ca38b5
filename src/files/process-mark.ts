/**
 * Tells a process from every other that this machine has run or will run, so that a run can know
 * for sure that an earlier one is gone: a process number alone is given to another process later,
 * and means nothing in another container.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { isObject, textOf, type Json, type JsonObject } from '../core/json.js';

/** This process; `null` where the operating system does not tell (any but Linux). */
export function processMark(): JsonObject | null {
  return markOf(process.pid);
}

/** True only when the process that wrote `mark` has ended; false when it lives or nobody knows. */
export function isProcessGone(mark: Json | undefined): boolean {
  return lifeOf(mark) === 'gone';
}

/** Of the process that wrote `mark`. */
export function lifeOf(mark: Json | undefined): 'living' | 'gone' | 'unknown' {
  const here = processMark();
  if (!isObject(mark) || here === null) return 'unknown';
  if (textOf(mark['boot']) === '') return 'unknown';
  // Another boot of the same machine would do as well, but a boot id does not name a machine.
  if (mark['boot'] !== here['boot'] || mark['namespace'] !== here['namespace']) return 'unknown';
  const { pid } = mark;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return 'unknown';
  const start = startOf(pid);
  if (start === 'hidden') return 'unknown';
  return start === mark['start'] ? 'living' : 'gone';
}

function markOf(pid: number): JsonObject | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const namespace = readlinkSync('/proc/self/ns/pid');
    const start = startOf(pid);
    return start === null ? null : { boot, namespace, pid, start };
  } catch {
    return null;
  }
}

/**
 * When a process was started, in clock ticks since boot: field 22 of its `stat`, proc(5). The name
 * of the command stands in parentheses before, and may itself have spaces and parentheses. `null`
 * where there is no such process, or a dead one that nobody has collected yet.
 */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? null : (fields[18] ?? null);
  } catch (error) {
    // ESRCH: it ended between the opening of the file and the reading.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ESRCH') throw error;
    // A /proc that hides the processes of other users does not show what lives, either.
    return isHidden(pid) ? 'hidden' : null;
  }
}

function isHidden(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
