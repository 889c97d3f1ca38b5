/** A question on a terminal, and what becomes of it where the terminal goes away. */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { worldOf } from '../../src/cli/world.js';
import { REAL_CLOCK } from '../support/here.js';

/** Of a terminal: raw mode is refused once nobody is there. */
class Typing extends PassThrough {
  readonly isTTY = true;

  setRawMode(): void {
    if (this.destroyed) throw Object.assign(new Error('setRawMode EIO'), { code: 'EIO' });
  }
}

function asked(stdin: Typing): { readonly answer: Promise<string>; readonly shown: () => string } {
  const [stdout, stderr] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY: true })];
  const around = { env: {}, cwd: '.', clock: REAL_CLOCK, stdin, stdout, stderr };
  const world = worldOf({ ...around, signals: new EventEmitter() });
  let text = '';
  stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { answer: world.ask('Sure? '), shown: () => text };
}

it.each([
  ['a line', (stdin: Typing) => stdin.write('yes\n'), 'yes'],
  ['Ctrl-D', (stdin: Typing) => stdin.end(), ''],
  [
    'a terminal that was closed',
    (stdin: Typing) => stdin.destroy(Object.assign(new Error('read EIO'), { code: 'EIO' })),
    '',
  ],
])('%s', async (_what, act, expected) => {
  const stdin = new Typing();
  const { answer, shown } = asked(stdin);
  setTimeout(() => act(stdin), 20);
  expect(await answer).toBe(expected);
  expect(shown()).toContain('Sure? ');
});
