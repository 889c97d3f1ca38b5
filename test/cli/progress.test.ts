/** What is shown of work that takes long: on a terminal, in a log, and when nothing is. */
import { describe, expect, it } from 'vitest';
import { progress, type ProgressOptions } from '../../src/cli/progress.js';
import { canRedraw, statusLine } from '../../src/cli/status-line.js';
import type { World } from '../../src/cli/world.js';
import type { Budget } from '../../src/core/rate-limit.js';
import type { Event } from '../../src/engine/ports.js';
import { fakeScreen, type FakeScreen } from '../support/screen.js';

interface Shown extends FakeScreen {
  readonly tell: (...events: readonly Event[]) => void;
  readonly end: () => void;
}

function shown(columns?: number, options: ProgressOptions = {}): Shown {
  const screen = fakeScreen(columns);
  const told = progress(screen as unknown as World, options);
  const tell = (...events: readonly Event[]): void => {
    for (const event of events) told.emit(event);
  };
  return { ...screen, end: told.end, tell };
}

const asked = (count: number): Event[] => Array.from({ length: count }, () => ({ type: 'asked' }));
const answered = (budget: Budget | null = null, tookMs = 0): Event => ({
  type: 'answered',
  budget,
  tookMs,
});
const change = (name: string): Event[] => {
  const address = `RoutingStrategy/${name}` as const;
  const outcome = { address, action: 'create', state: 'created', message: '' } as const;
  return [
    { type: 'change-started', address, action: 'create' },
    { type: 'change-ended', outcome },
  ];
};
const READING: Event = { type: 'doing', what: 'reading the org' };

/** `count` requests that are asked together, and one of them answered every so often. */
function read(screen: Shown, count: number, eachMs: number, until: number): void {
  screen.tell(READING, ...asked(count));
  for (let done = 0; done < until; done += 1) {
    screen.pass(eachMs);
    screen.tell(answered());
  }
}

describe('on a terminal', () => {
  it('nothing is drawn of what takes under two seconds', () => {
    const screen = shown(100);
    read(screen, 19, 100, 19);
    screen.pass(5000);
    expect([screen.written(), screen.timers()]).toEqual(['', 0]);
  });

  it('one line says what, how far and how long, and is gone at the end', () => {
    const screen = shown(100);
    read(screen, 105, 600, 37);
    screen.pass(200);
    const bar = `${'█'.repeat(8)}${'░'.repeat(16)}`;
    expect(screen.lines()).toEqual([
      `reading the org  ${bar}  37 of 105 requests, about 41 s left`,
    ]);
    for (let left = 68; left > 0; left -= 1) screen.tell(answered());
    screen.pass(1000);
    expect([screen.lines(), screen.timers()]).toEqual([[''], 0]);
  });

  it('reckons with as many side by side as there are, at most ten', () => {
    const screen = shown(100);
    screen.tell(READING, ...asked(1));
    screen.pass(2000);
    screen.tell(...asked(6), answered(null, 2000));
    screen.pass(200);
    expect(screen.lines()[0]).toMatch(/1 of 7 requests, about 2 s left$/);
    screen.tell(...asked(94));
    screen.pass(200);
    expect(screen.lines()[0]).toMatch(/1 of 101 requests, about 20 s left$/);
  });

  it('counts down while an answer is awaited, and gives up a number that was wrong', () => {
    const screen = shown(100);
    read(screen, 4, 2000, 3);
    const tails: string[] = [];
    for (let seconds = 0; seconds < 7; seconds += 1) {
      screen.pass(1000);
      tails.push(screen.lines()[0]?.split(', ')[1] ?? '');
    }
    expect(tails).toEqual([
      ...['about 1 s left', 'about 1 s left', 'about 1 s left', 'about 1 s left'],
      ...['about 1 s left', '12 s so far', '13 s so far'],
    ]);
  });

  it('waits for the rate limit, and knows the windows after it', () => {
    const screen = shown(100);
    const budget = { perMinute: 42, left: 0, endsAtMs: 45_000 };
    screen.tell(READING, ...asked(144));
    for (let done = 0; done < 42; done += 1) {
      screen.pass(100);
      screen.tell(answered(budget));
    }
    const reason = '42 of 60 requests a minute are used; the rest is for others';
    screen.tell({ type: 'waiting', reason, ms: 40_800, limit: true });
    screen.pass(6800);
    expect(screen.lines()[0]).toMatch(
      /█░* {2}42 of 144 requests, waiting for the rate limit, 34 s; about 3 min left$/,
    );
    screen.pass(33_000);
    expect(screen.lines()[0]).toMatch(/waiting for the rate limit, 1 s; about 2 min left$/);
  });

  it('counts changes, by the requests that they are reckoned to take', () => {
    const screen = shown(100);
    screen.tell({ type: 'doing', what: 'making changes', changes: 40, requests: 200 });
    for (let made = 0; made < 10; made += 1) {
      for (let sent = 0; sent < 5; sent += 1) {
        screen.tell(...asked(1));
        screen.pass(100);
        screen.tell(answered());
      }
      screen.tell(...change(`n${made}`));
    }
    screen.tell(...asked(1));
    screen.pass(200);
    expect(screen.lines().at(-1)).toMatch(
      /^making changes {2}█{6}░{18} {2}10 of 40 changes, about 15/,
    );
  });

  it('says what is waited for besides the limit once that takes long', () => {
    const screen = shown(100);
    screen.tell({ type: 'doing', what: 'making changes', changes: 2, requests: 10 });
    const poll: Event = { type: 'waiting', reason: 'RoutingStrategy/a is activating', ms: 1000 };
    for (let polls = 0; polls < 5; polls += 1) {
      screen.tell(poll);
      screen.pass(1000);
      screen.tell(...asked(1), answered());
    }
    screen.tell(poll);
    screen.pass(500);
    expect(screen.lines()[0]).toMatch(
      /0 of 2 changes, RoutingStrategy\/a is activating, 6 s so far$/,
    );
  });

  it('says who has the lock, however long ago that was', () => {
    const screen = shown(120);
    for (let minutes = 1; minutes < 4; minutes += 1) {
      const reason = `the lock is held by ada (apply, since noon, ${minutes} min)`;
      screen.tell(...asked(1), answered(), { type: 'waiting', reason, ms: 2000 });
      screen.pass(2000);
    }
    expect(screen.lines()).toEqual([
      'waiting: the lock is held by ada (apply, since noon, 3 min), 6 s so far',
    ]);
  });

  it.each([
    [100, 'reading the org  ██████░░░░░░░░░░░░░░░░░░  1 of 4 requests, about 6 s left'],
    [55, 'reading the org: 1 of 4 requests, about 6 s left'],
    [30, 'reading the org: 1 of 4 requ…'],
    [10, 'reading …'],
  ])('keeps within %d columns', (columns, line) => {
    const screen = shown(columns);
    read(screen, 4, 2000, 1);
    screen.pass(200);
    expect(screen.lines()).toEqual([line]);
  });

  it('keeps wide characters within the columns', () => {
    const screen = shown(20);
    screen.tell({ type: 'doing', what: '東京東京東京東京東京東京' }, ...asked(1));
    screen.pass(2200);
    expect(screen.lines()).toEqual(['東京東京東京東京東…']);
  });

  it('goes on in one line when the window is made narrower, and leaves nothing of the wide one', () => {
    const written: string[] = [];
    const terminal = { columns: 60, write: (text: string) => written.push(text) };
    const line = statusLine(terminal);
    line.draw('x'.repeat(50));
    terminal.columns = 20;
    line.draw('y'.repeat(19));
    // Fifty characters take three lines of twenty now: the last of them, and two above it.
    const erased = '\r\u001b[2K\u001b[1A\u001b[2K\u001b[1A\u001b[2K';
    expect(written[1]).toBe(`${erased}\u001b[?7l${'y'.repeat(19)}\u001b[?7h`);
  });

  it('is erased before anything else is printed, on either stream, and drawn again', () => {
    const screen = shown(100);
    read(screen, 100, 500, 6);
    screen.pass(200);
    screen.out('a result\n');
    screen.tell({ type: 'warning', text: 'mind the gap' });
    expect(screen.lines()).toEqual(['a result', 'warning: mind the gap', '']);
    screen.pass(200);
    expect(screen.lines().at(-1)).toMatch(/^reading the org/);
    screen.end();
    expect([screen.lines().at(-1), screen.timers()]).toEqual(['', 0]);
  });

  it('is not drawn while somebody is asked', async () => {
    const screen = shown(100);
    read(screen, 100, 500, 6);
    screen.pass(200);
    await screen.status?.aside(() => {
      const before = screen.written();
      screen.tell(answered());
      screen.pass(3000);
      expect([screen.written(), screen.lines()]).toEqual([before, ['']]);
      return Promise.resolve();
    });
    screen.pass(200);
    expect(screen.lines()[0]).toMatch(/^reading the org/);
  });

  it('is not drawn below a result that has come, but for what is still under way', () => {
    const screen = shown(100);
    read(screen, 5, 500, 5);
    screen.out('a result\n');
    screen.pass(400);
    expect(screen.lines()).toEqual(['a result', '']);
  });
});

describe('elsewhere', () => {
  it('a line comes after two seconds, every five at first and every fifteen then', () => {
    const screen = shown();
    read(screen, 100, 1000, 60);
    expect(screen.written().replace(/\d+ s left/g, '… s left')).toBe(
      [1, 6, 11, 16, 31, 46]
        .map((done) => `reading the org: ${done} of 100 requests, about … s left\n`)
        .join(''),
    );
  });

  it('a wait is told once, and how it goes on every few seconds', () => {
    const screen = shown();
    const reason = 'the lock is held by ada (apply, since noon)';
    for (let polls = 0; polls < 10; polls += 1) {
      screen.tell(...asked(1), answered(), { type: 'waiting', reason, ms: 2000 });
      screen.pass(2000);
    }
    expect(screen.written()).toBe(
      [
        `    ${reason}; waiting 2.0 s`,
        ...[3, 8, 13, 18].map((seconds) => `waiting: ${reason}, ${seconds} s so far`),
        '',
      ].join('\n'),
    );
  });

  it('nothing wakes up once all is done', () => {
    const screen = shown();
    read(screen, 3, 1000, 3);
    screen.pass(1000);
    expect(screen.timers()).toBe(0);
  });
});

describe('nothing', () => {
  it.each([100, undefined])('is shown with --quiet, in %s columns', (columns) => {
    const screen = shown(columns, { quiet: true });
    read(screen, 100, 1000, 50);
    screen.tell({ type: 'waiting', reason: 'x', ms: 9000 });
    screen.pass(10_000);
    expect([screen.written(), screen.timers()]).toEqual(['', 0]);
  });

  it('but what takes long is shown of what is brief', () => {
    const screen = shown(100, { quiet: true, brief: true });
    screen.tell({ type: 'observing' });
    read(screen, 100, 1000, 50);
    expect(screen.lines()).toHaveLength(1);
    expect(screen.lines()[0]).toMatch(/^reading the org/);
  });
});

describe('a line can be drawn again', () => {
  it.each<[string, boolean, boolean, Record<string, string>]>([
    ['on a terminal', true, true, { TERM: 'xterm' }],
    ['on one without colour', true, true, { TERM: 'xterm', NO_COLOR: '1' }],
    ['not on a dumb one', false, true, { TERM: 'dumb' }],
    ['not in continuous integration', false, true, { TERM: 'xterm', CI: 'true' }],
    ['not in a file', false, false, { TERM: 'xterm' }],
  ])('%s', (_name, can, isTerminal, env) => {
    expect(canRedraw(isTerminal, env)).toBe(can);
  });
});
