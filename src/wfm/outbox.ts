/**
 * Messages on disk until an endpoint has taken them: one file a message, named by its turn.
 *
 * A message counts as queued when file and name have been synced. It is written under another name
 * and then linked to its turn, which fails where another process was first: so no turn is given
 * twice, and what a killed process had written half is never seen as a message.
 */
import { link, mkdir, open, readdir, readFile, unlink } from 'node:fs/promises';
import path from 'node:path';
import { AppError, EXIT, systemCode } from '../core/errors.js';
import { isObject } from '../core/json.js';
import type { Message } from './message.js';

/** Messages name what a business routes where, to whom nobody else need listen. */
export const FOR_US_ALONE = 0o600;

const TURN = /^\d{12}\.json$/;

export class Outbox {
  constructor(
    readonly dir: string,
    /** Once it is done, the names in that folder are on disk. */
    private readonly sync: (folder: string) => Promise<void>,
    /** What is in there is older, and goes out before; nothing is added to it. */
    readonly before: Outbox | null = null,
  ) {}

  /** Messages that wait, here and in the one before. */
  async waiting(): Promise<number> {
    return (await this.turns()).length + ((await this.before?.waiting()) ?? 0);
  }

  /** What waits, here and in the one before, in the order of turns; what nobody can read not. */
  async left(): Promise<Message[]> {
    const found = (await this.before?.left()) ?? [];
    for (const turn of await this.turns()) {
      const message = await this.read(turn).catch(unlessUnreadable);
      if (message !== null) found.push(message);
    }
    return found;
  }

  /** Queues the messages in their order. Rejects with an `AppError` where the disk does not. */
  async add(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    try {
      await mkdir(this.dir, { recursive: true, mode: 0o700 });
      const last = (await this.turns()).at(-1) ?? '0';
      let turn = Number.parseInt(last, 10);
      for (const message of messages) turn = await this.queue(message, turn + 1);
      await this.sync(this.dir);
      await this.sync(path.dirname(this.dir));
      await this.sync(path.dirname(path.dirname(this.dir)));
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw unusable(this.dir, 'cannot be written', error);
    }
  }

  /** Takes the first free turn from `turn` on. */
  private async queue(message: Message, turn: number): Promise<number> {
    const draft = path.join(this.dir, `.${message.id}.tmp`);
    try {
      await written(draft, `${JSON.stringify({ format: 1, ...message })}\n`);
      for (let free = turn; ; free += 1) {
        const name = `${String(free).padStart(12, '0')}.json`;
        if (await linked(draft, path.join(this.dir, name))) return free;
      }
    } finally {
      await unlink(draft).catch(() => undefined);
    }
  }

  /** Names of what waits, the oldest first. */
  async turns(): Promise<string[]> {
    try {
      return (await readdir(this.dir)).filter((name) => TURN.test(name)).sort();
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw unusable(this.dir, 'cannot be read', error);
    }
  }

  /** `null` where somebody else has sent it meanwhile. */
  async read(turn: string): Promise<Message | null> {
    const file = path.join(this.dir, turn);
    let text;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw unusable(file, 'cannot be read', error);
    }
    const message = messageIn(text);
    if (message !== null) return message;
    const what = `${file}: this is no message of the outbox; nothing behind it was sent`;
    const hint = 'restore the file, or move it away: strategos sync sends what is live anyway';
    throw new AppError('outbox-unreadable', EXIT.invalid, 'user', what, { hint });
  }

  /** The endpoint has it. */
  async remove(turn: string): Promise<void> {
    try {
      await unlink(path.join(this.dir, turn));
      await this.sync(this.dir);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw unusable(this.dir, 'cannot be written', error);
    }
  }
}

async function written(draft: string, text: string): Promise<void> {
  const file = await open(draft, 'w', FOR_US_ALONE);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** False where the name is taken. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** It is told of by itself, once its turn has come. */
function unlessUnreadable(error: unknown): null {
  if (error instanceof AppError && error.code === 'outbox-unreadable') return null;
  throw error;
}

function messageIn(text: string): Message | null {
  try {
    const value: unknown = JSON.parse(text);
    const keys = ['id', 'address', 'run', 'queuedAt', 'body'];
    const sound = isObject(value) && keys.every((key) => typeof value[key] === 'string');
    return sound ? (value as unknown as Message) : null;
  } catch {
    return null;
  }
}

/** `what` completes "the outbox …". */
export function unusable(where: string, what: string, cause: unknown): AppError {
  return new AppError(
    'outbox-unusable',
    EXIT.unexpected,
    'user',
    `${where}: the outbox of workforce management ${what} (${systemCode(cause)})`,
    { hint: 'make room or choose another folder with --runs', cause },
  );
}
