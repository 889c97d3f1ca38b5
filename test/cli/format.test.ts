/** In which form a command line that goes wrong is told, on stdout, to a program. */
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { strategosHere } from '../support/here.js';

const around = { cwd: tmpdir(), env: { HOME: tmpdir() } };
const NO_FOLDER = ['--dir', 'there-is-no-such-folder'];

describe('what goes wrong', () => {
  it.each([
    [['optimize', ...NO_FOLDER], 3],
    [['optimize', '--rounds', '0'], 64],
  ])('is a line of JSON where rounds are: %j into a pipe', async (args, code) => {
    const ended = await strategosHere(args, around);
    expect(ended.code).toBe(code);
    expect(ended.stdout).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(ended.stdout)).toMatchObject({ format: 1, error: {} });
    expect(ended.stderr).toContain('error: ');
  });

  it.each([
    [['optimize', ...NO_FOLDER, '--format', 'text']],
    [['drift', ...NO_FOLDER]],
    [['json']],
  ])('is for people alone where nobody asks for JSON: %j', async (args) => {
    const ended = await strategosHere(args, around);
    expect(ended.code).not.toBe(0);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toContain('error: ');
  });
});
