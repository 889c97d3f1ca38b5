/** A run that is to end comes to its end, whatever it waits for. */
import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../src/core/errors.js';
import { Stop } from '../../src/cli/stop.js';

const MOMENTS = { workMs: 60, closingMs: 60, partingMs: 20 };

/** Real time in small measure: what is under test is a timer. */
function running(): {
  readonly stop: Stop;
  readonly signal: () => void;
  readonly heard: () => number;
} {
  let listener: (() => void) | null = null;
  const clock = {
    now: Date.now,
    sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref()),
  };
  const world = {
    clock,
    onInterrupt: (act: () => void) => {
      listener = act;
      return () => (listener = null);
    },
  };
  const stop = new Stop(world, MOMENTS);
  let heard = 0;
  stop.onSignal(() => (heard += 1));
  return { stop, signal: () => listener?.(), heard: () => heard };
}

describe('a wait', () => {
  it.each([10_000, 2 ** 31])('of %d ms ends at once on a signal', async (ms) => {
    const { stop, signal } = running();
    setTimeout(signal, 5);
    await expect(stop.clock().sleep(Math.min(ms, 2 ** 31 - 1))).rejects.toBeInstanceOf(Interrupted);
    // Before what is under way is given up, which is a moment later.
    expect(stop.isCut()).toBe(false);
  });

  it('is not begun when it would outlast the run', async () => {
    const { stop, signal } = running();
    signal();
    await expect(stop.clock().sleep(5000)).rejects.toBeInstanceOf(Interrupted);
    expect(stop.isCut()).toBe(false);
  });

  it('that fits is waited for: the change in flight comes to its end', async () => {
    const { stop, signal } = running();
    signal();
    await stop.clock().sleep(5);
    expect(stop.isCut()).toBe(false);
  });

  it('of a run that nobody stops is a wait', async () => {
    await running().stop.clock().sleep(5);
  });
});

describe('what is under way', () => {
  it('is given up a moment after the signal, and what is begun later as well', async () => {
    const { stop, signal } = running();
    const given = new Promise<void>((resolve) => stop.onCut(resolve));
    signal();
    expect(stop.isCut()).toBe(false);
    await given;
    expect(stop.isCut()).toBe(true);
  });

  it('is given up at once on a second signal', () => {
    const { stop, signal, heard } = running();
    let given = 0;
    stop.onCut(() => (given += 1));
    signal();
    expect(given).toBe(0);
    signal();
    expect([given, stop.isCut(), heard()]).toEqual([1, true, 2]);
  });

  it('is not waited for when it does not end by itself', async () => {
    const { stop, signal } = running();
    signal();
    const never = new Promise(() => undefined);
    await expect(stop.inTime(never)).rejects.toBeInstanceOf(Interrupted);
    expect(stop.isCut()).toBe(true);
  });

  it('may say how it ended', async () => {
    const { stop, signal } = running();
    const act = new Promise<string>((resolve) => stop.onCut(() => resolve('recorded')));
    signal();
    expect(await stop.inTime(act)).toBe('recorded');
  });
});

describe('the end of a run', () => {
  it('has a moment of its own for what has to be given back, once', async () => {
    const { stop, signal } = running();
    signal();
    await new Promise<void>((resolve) => stop.onCut(resolve));
    stop.closing();
    expect(stop.isCut()).toBe(false);
    await new Promise<void>((resolve) => stop.onCut(resolve));
    stop.closing();
    expect(stop.isCut()).toBe(true);
  });

  it('has none after a second signal', () => {
    const { stop, signal } = running();
    signal();
    signal();
    stop.closing();
    expect(stop.isCut()).toBe(true);
  });

  it('leaves signals to others once nobody listens', () => {
    const { stop, signal } = running();
    const ignore = stop.onSignal(() => undefined);
    ignore();
    signal();
    expect(stop.asked()).toBe(true);
  });
});
