/** What is not needed keeps nobody waiting. */
import { describe, expect, it } from 'vitest';
import { PlatformError } from '../../src/core/errors.js';
import { Patience } from '../../src/cli/patience.js';

/** Nobody's patience ends. */
const endless = (): (() => void) => () => undefined;

/** It ends at once; for how long it was, and whether it was given up, is kept. */
function waits(): {
  every: (ms: number, act: () => void) => () => void;
  of: number[];
  open: number;
} {
  const kept = {
    of: [] as number[],
    open: 0,
    every: (ms: number, act: () => void): (() => void) => {
      kept.of.push(ms);
      kept.open += 1;
      setImmediate(act);
      return () => (kept.open -= 1);
    },
  };
  return kept;
}

const never = async (): Promise<never> => new Promise<never>(() => undefined);
const LATE = 'no answer within 10 s; still asking';

function refusal(): PlatformError {
  const request = { method: 'GET', path: '/', status: 503, correlationId: null };
  return new PlatformError('unavailable', 'http-503', 'answered 503', { request });
}

describe('a read that can be done without', () => {
  it('is there where it is answered', async () => {
    const patience = new Patience(endless, 10_000);
    expect(await patience.with('a', async () => Promise.resolve(7))).toEqual({
      found: 7,
      why: null,
    });
  });

  it('says why it is not there', async () => {
    const patience = new Patience(endless, 10_000);
    const given = await patience.with('a', async () => Promise.reject(refusal()));
    expect(given).toEqual({ found: null, why: 'answered 503' });
  });

  it('is waited for so long, then shortly, and asked for once', async () => {
    const waited = waits();
    const patience = new Patience(waited.every, 10_000);
    let asked = 0;
    const ask = async (): Promise<never> => {
      asked += 1;
      return never();
    };
    expect(await patience.with('a', ask)).toEqual({ found: null, why: LATE });
    expect(await patience.with('a', ask)).toEqual({ found: null, why: LATE });
    expect(waited.of).toEqual([10_000, 1000]);
    // Nothing keeps a process that has ended.
    expect(waited.open).toBe(0);
    expect(asked).toBe(1);
  });

  it('is asked for anew once that has ended, whoever waited for it', async () => {
    const patience = new Patience(waits().every, 10_000);
    let end: (error: Error) => void = () => undefined;
    const slow = new Promise<number>((_resolve, reject) => {
      end = reject;
    });
    expect((await patience.with('a', async () => slow)).why).toBe(LATE);
    end(refusal());
    await new Promise((resolve) => setImmediate(resolve));
    let asked = 0;
    await patience.with('a', async () => Promise.resolve((asked += 1)));
    expect(asked).toBe(1);
  });

  it('is waited for to its end where nobody watches', async () => {
    const patience = new Patience(endless, null);
    const soon = new Promise<number>((resolve) => setTimeout(() => resolve(9), 5));
    expect(await patience.with('a', async () => soon)).toMatchObject({ found: 9 });
  });

  it('hides no fault of our own', async () => {
    const patience = new Patience(endless, 10_000);
    const bug = new TypeError('undefined is not a function');
    await expect(patience.with('a', async () => Promise.reject(bug))).rejects.toBe(bug);
  });
});
