/** What goes to stderr beside the result: errors, progress, usage. Names stay names there too. */
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.js';
import { progress } from '../../src/cli/progress.js';
import { reportError } from '../../src/cli/report.js';
import type { World } from '../../src/cli/world.js';
import { InvalidInput, PlatformError, Refused } from '../../src/core/errors.js';
import type { Outcome } from '../../src/core/types.js';
import type { Event } from '../../src/engine/ports.js';
import { plainStyle } from '../../src/render/style.js';
import { VirtualClock } from '../support/org.js';

const EVIL = '\u001b[2J\u009b1m\u202e\u200b\n::error::x\r\n##[error]y\u2028::z::';
const RAW = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\ufeff]/;

function terminal(): { readonly world: World; readonly shown: () => string } {
  let shown = '';
  const say = (text: string): void => void (shown += text);
  const world: World = {
    env: {},
    cwd: '/nowhere',
    clock: new VirtualClock(),
    random: { next: () => 0.5 },
    workflow: null,
    interactive: false,
    outIsTerminal: false,
    paper: { wraps: false },
    status: null,
    every: () => () => undefined,
    out: say,
    err: say,
    outStyle: plainStyle,
    errStyle: plainStyle,
    ask: () => Promise.resolve(''),
    onInterrupt: () => () => undefined,
    actor: EVIL,
    host: EVIL,
    version: '0',
  };
  return { world, shown: () => shown };
}

function expectHarmless(text: string): void {
  expect(text).not.toMatch(RAW);
  expect(text).not.toContain('##[');
  expect(text.split('\n').filter((line) => line.trim().startsWith('::'))).toEqual([]);
}

const at = { file: EVIL, line: 1, column: 1 };
const issue = { code: 'x', severity: 'error', at, message: EVIL, hint: EVIL } as const;
const request = { method: 'GET', path: EVIL, status: 500, correlationId: EVIL };
const ERRORS: readonly (readonly [string, Error])[] = [
  ['InvalidInput', new InvalidInput(EVIL, [issue], { hint: EVIL })],
  ['Refused', new Refused('x', EVIL, { hint: EVIL })],
  ['PlatformError', new PlatformError('unavailable', EVIL, EVIL, { hint: EVIL, request })],
  ['a bug', new Error(EVIL)],
];

describe.each(ERRORS)('%s', (_name, error) => {
  it.each(['text', 'json', 'markdown', 'html'] as const)('is harmless as %s', (format) => {
    for (const verbose of [false, true]) {
      const { world, shown } = terminal();
      reportError(error, { format, isLines: verbose }, verbose, world);
      expect(shown()).toMatch(/u\{?202e/);
      expectHarmless(shown());
    }
  });
});

const address = `RoutingStrategy/${EVIL}` as const;
const outcome: Outcome = { address, action: 'create', state: 'failed', message: EVIL, hint: EVIL };
const check = { check: 'skills', level: 'error', subject: EVIL, passed: false } as const;
/** Every event with a text in it; the compiler knows when one is missing. */
const EVENTS: { readonly [T in Event['type']]: Extract<Event, { type: T }> } = {
  request: { type: 'request', method: 'GET', path: EVIL, answer: EVIL },
  observing: { type: 'observing' },
  observed: { type: 'observed', what: EVIL, requests: 1 },
  'change-started': { type: 'change-started', address, action: 'create' },
  step: { type: 'step', address, step: EVIL },
  checked: { type: 'checked', address, results: [{ ...check, message: EVIL }] },
  'change-ended': { type: 'change-ended', outcome },
  importing: { type: 'importing', what: 'row', rows: 1 },
  'not-imported': { type: 'not-imported', reason: EVIL },
  waiting: { type: 'waiting', reason: EVIL, ms: 5000 },
  asked: { type: 'asked' },
  answered: { type: 'answered', budget: null, tookMs: 9 },
  doing: { type: 'doing', what: EVIL, changes: 2, requests: 9 },
  'circuit-open': { type: 'circuit-open', forMs: 1000 },
  warning: { type: 'warning', text: EVIL },
  told: { type: 'told', endpoint: EVIL, messages: 1 },
};

describe('progress', () => {
  it.each(Object.entries(EVENTS))('of %s is harmless', (_type, event) => {
    const { world, shown } = terminal();
    progress(world, { verbose: true }).emit(event);
    // Two are counted only; a third is shown once it takes long.
    const isSilent = ['asked', 'answered', 'doing'].includes(event.type);
    expect(shown()).toMatch(isSilent ? /^$/ : /^[^\n]+\n$/);
    expectHarmless(shown());
  });
});

describe('a command line', () => {
  it.each([
    [['plan', `--${EVIL}`]],
    [[EVIL]],
    [['plan', '--format', EVIL]],
    [['simulator', '--port', EVIL]],
    [['simulator', '--org', EVIL]],
    [['simulator', '--faults', EVIL]],
    [['audit', 'show', EVIL]],
    [['audit', 'verify', EVIL, '--runs', EVIL]],
    [['validate', EVIL]],
    [['validate', EVIL, '--format', 'json']],
    [['validate', EVIL, '--format', 'markdown']],
    [['validate', EVIL, '--format', 'html']],
    [['plan', '--dir', EVIL, '--env', EVIL]],
    [['apply', EVIL, '--yes']],
    [['init', EVIL, '--owner', EVIL]],
    [['metrics', '--since', EVIL]],
    [['sync', '--env', EVIL]],
    [['cycle', '--yes', '--dir', EVIL]],
    [['audit', 'trail', '--format', EVIL]],
  ])('%j is refused without harm', async (argv) => {
    const { world, shown } = terminal();
    expect(await run(argv, world)).not.toBe(0);
    expect(shown()).not.toBe('');
    expectHarmless(shown());
  });
});
