/**
 * Reads that somebody can do without: they are waited for only so long, so that what is needed is
 * shown while a part of the platform hangs. What is still under way is not asked for again.
 */
import { PlatformError } from '../core/errors.js';
import type { World } from './world.js';

/** Why it is not there: refused, failed, or not answered in time. */
export type Given<T> =
  { readonly found: T; readonly why: null } | { readonly found: null; readonly why: string };

const AGAIN_MS = 1000;

export class Patience {
  private readonly open = new Map<string, Promise<unknown>>();

  /** `ms`: `null` for as long as the client takes. */
  constructor(
    private readonly every: World['every'],
    private readonly ms: number | null,
  ) {}

  /** `what`: the same for the same question. Whatever is no answer of the platform is thrown. */
  async with<T>(what: string, ask: () => Promise<T>): Promise<Given<T>> {
    const open = this.open.get(what) as Promise<Given<T>> | undefined;
    const answer = open ?? this.begun(what, ask);
    if (this.ms === null) return answer;
    const seconds = Math.round(this.ms / 1000);
    const late: Given<T> = { found: null, why: `no answer within ${seconds} s; still asking` };
    // What has been waited for in vain is not waited for as long again.
    const patienceMs = open === undefined ? this.ms : Math.min(this.ms, AGAIN_MS);
    let forget: () => void = () => undefined;
    const end = new Promise<Given<T>>((resolve) => {
      forget = this.every(patienceMs, () => resolve(late));
    });
    try {
      return await Promise.race([answer, end]);
    } finally {
      // A wait that is of no use any more would keep a process that has ended.
      forget();
    }
  }

  private async begun<T>(what: string, ask: () => Promise<T>): Promise<Given<T>> {
    const answer = told(ask()).finally(() => this.open.delete(what));
    // Nobody may be waiting any more when it fails.
    answer.catch(() => undefined);
    this.open.set(what, answer);
    return answer;
  }
}

async function told<T>(asked: Promise<T>): Promise<Given<T>> {
  try {
    return { found: await asked, why: null };
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return { found: null, why: error.message };
  }
}
