/**
 * One process delivers at a time, so that order holds: a file in the outbox says who. It is taken
 * over from a process that is gone. Should two take it over at once, a message may arrive twice,
 * which receivers have to expect anyway.
 */
import { open, readFile, stat, unlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../core/errors.js';
import { isObject, textOf } from '../core/json.js';
import type { Clock } from '../engine/ports.js';
import { FOR_US_ALONE, unusable } from './outbox.js';

/** Longer than one attempt and the wait before the next may take. */
const STALE_MS = 5 * 60_000;

export interface Turn {
  /** Says that the holder still lives; to be called before every attempt. */
  readonly keep: () => Promise<void>;
  readonly end: () => Promise<void>;
}

/** The turn, or who has it. */
export type Taken =
  | { readonly turn: Turn }
  | { readonly heldBy: string; readonly file: string; readonly since: string };

/** `host` is the name of this machine; processes of another are judged by their last sign. */
export async function takeTurn(dir: string, host: string, clock: Clock): Promise<Taken> {
  const file = path.join(dir, 'delivering.json');
  const keep = async (): Promise<void> => {
    const now = new Date(clock.now());
    // Gone: somebody took this process for dead. What it sends then arrives twice at worst.
    await utimes(file, now, now).catch(() => undefined);
  };
  const mine = { pid: process.pid, host, since: new Date(clock.now()).toISOString() };
  if (!(await written(file, JSON.stringify(mine)))) {
    const holder = await holderOf(file);
    if (await lives(file, holder, host, clock)) return heldBy(holder, file);
    await unlink(file).catch(() => undefined);
    // Another process found the same and was quicker.
    if (!(await written(file, JSON.stringify(mine)))) return heldBy(await holderOf(file), file);
  }
  await keep();
  return { turn: { keep, end: () => unlink(file).catch(() => undefined) } };
}

function heldBy({ pid, host, since }: Holder, file: string): Taken {
  return { heldBy: `process ${pid} on ${host}`, file, since };
}

/** False where the file is there already. Half of one would keep everybody else waiting. */
async function written(file: string, text: string): Promise<boolean> {
  let isOurs = false;
  try {
    const handle = await open(file, 'wx', FOR_US_ALONE);
    isOurs = true;
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (!isOurs && systemCode(error) === 'EEXIST') return false;
    if (isOurs) await unlink(file).catch(() => undefined);
    throw unusable(path.dirname(file), 'cannot be written', error);
  }
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/** What a process that was killed while it wrote the file has left names nobody. */
async function holderOf(file: string): Promise<Holder> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (!isObject(value)) return NOBODY;
    const { pid, host, since } = value;
    return { pid: Number(pid ?? 0), host: textOf(host), since: textOf(since) };
  } catch {
    return NOBODY;
  }
}

const NOBODY: Holder = { pid: 0, host: 'an unknown machine', since: '' };

async function lives(file: string, holder: Holder, host: string, clock: Clock): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(file);
    if (clock.now() - mtimeMs > STALE_MS) return false;
  } catch {
    return false;
  }
  return holder.host !== host || isRunning(holder.pid);
}

function isRunning(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
