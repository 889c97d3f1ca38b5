/** A terminal, or a log, that remembers; its timers ring when the test lets time pass. */
import type { Screen } from '../../src/cli/progress-display.js';
import { statusLine } from '../../src/cli/status-line.js';
import type { World } from '../../src/cli/world.js';
import { plainStyle } from '../../src/render/style.js';
import { VirtualClock } from './org.js';

export interface FakeScreen extends Screen {
  readonly out: (text: string) => void;
  /** Everything that was written, escape sequences included. */
  readonly written: () => string;
  /** What a person sees: each line as it stands, the one being drawn last. */
  readonly lines: () => string[];
  /** Timers that somebody waits for. */
  readonly timers: () => number;
  readonly pass: (ms: number) => void;
}

interface Timer {
  readonly ms: number;
  readonly act: () => void;
  nextMs: number;
}

/** `columns`: of a terminal whose line can be drawn again; without, a log. */
export function fakeScreen(columns?: number): FakeScreen {
  const clock = new VirtualClock(0);
  const timers = new Set<Timer>();
  let written = '';
  const write = (text: string): void => void (written += text);
  const status = columns === undefined ? null : statusLine({ columns, write });
  const say = (text: string): void => {
    status?.clear();
    write(text);
  };
  const every: World['every'] = (ms, act) => {
    const timer = { ms, act, nextMs: clock.now() + ms };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  const pass = (ms: number): void => {
    const endMs = clock.now() + ms;
    for (;;) {
      const [next] = [...timers].sort((a, b) => a.nextMs - b.nextMs);
      if (next === undefined || next.nextMs > endMs) break;
      void clock.sleep(next.nextMs - clock.now());
      next.nextMs += next.ms;
      next.act();
    }
    void clock.sleep(endMs - clock.now());
  };
  return {
    clock,
    status,
    every,
    pass,
    out: say,
    err: say,
    errStyle: plainStyle,
    written: () => written,
    timers: () => timers.size,
    lines: () =>
      written
        .replace(/\u001b\[\?7[lh]/g, '')
        .split('\n')
        .map((line) => line.split('\r\u001b[2K').at(-1) ?? ''),
  };
}
