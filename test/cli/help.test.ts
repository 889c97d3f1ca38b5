/** What --help says of every command: true examples, the variables, pages that are there. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { asTyped, NAMED } from '../../src/core/as-typed.js';
import { each } from '../../src/cli/help.js';
import { build } from '../../src/cli/program.js';
import { strategosHere, worldWith } from '../support/here.js';
import { PassThrough } from 'node:stream';

/** What a variable of a workflow stands for. */
const DIGEST = `sha256:${'0'.repeat(64)}`;

const around = { cwd: tmpdir(), env: { HOME: tmpdir() } };
const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
const program = build(worldWith(around, streams), () => undefined);

const COMMANDS: string[] = [];
each(program, [], (command, name) => {
  const hidden = name === 'complete' || name === 'version' || name === 'help';
  if (!hidden && command.name() !== '') COMMANDS.push(name);
});

it('a hint that names a command of these names it as it can be typed', () => {
  const first = new Set(COMMANDS.map((name) => name.split(' ')[0] ?? ''));
  for (const one of first) {
    expect(asTyped(`run strategos ${one}.`)).toBe(`run npx --no -- strategos ${one}.`);
  }
  expect(NAMED.filter((one) => !first.has(one))).toEqual([]);
});

/** The words of an example as a shell splits them; none of them quotes anything. */
const words = (line: string): string[] => line.replace(/ >>? .*$/, '').split(' ');

describe.each(COMMANDS)('%s --help', (name) => {
  it('has two examples that are right usage, its variables, and a page that is there', async () => {
    const { code, stdout } = await strategosHere([...name.split(' '), '--help'], around);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Environment: .*NO_COLOR/m);
    const [, page = ''] = /^More: (.*)$/m.exec(stdout) ?? [];
    expect(existsSync(page)).toBe(true);
    const examples = [...stdout.matchAll(/^ {2}npx --no -- strategos (.*)$/gm)].map(
      ([, line = '']) => line,
    );
    expect(examples).toHaveLength(2);
    for (const line of examples) {
      expect(line.startsWith(name)).toBe(true);
      // Commander itself parses it: an unknown option would end with 64 before the help.
      const asked = await strategosHere(
        [...words(line.replace('"$DIGEST"', DIGEST)), '--help'],
        around,
      );
      expect([line, asked.code]).toEqual([line, 0]);
    }
  });
});

describe('the command line', () => {
  it.each(COMMANDS.filter((name) => name !== 'completion'))(
    'of %s makes few other commands, and makes it as ever',
    (name) => {
      const [first = ''] = name.split(' ');
      const made = build(worldWith(around, streams), () => undefined, first).commands;
      expect(made.length).toBeLessThan(6);
      const helpOf = (of: typeof made): string | undefined =>
        of.find((one) => one.name() === first)?.helpInformation();
      expect(helpOf(made)).toBe(helpOf(program.commands));
    },
  );

  it('has two examples of its own, of commands that there are', async () => {
    const { stdout } = await strategosHere(['--help'], around);
    const examples = [...stdout.matchAll(/^ {2}npx --no -- strategos (\w+)(.*)$/gm)];
    expect(examples).toHaveLength(2);
    for (const [, name = ''] of examples) expect(COMMANDS).toContain(name);
  });

  it.each([
    [['plan', '--tagret', 'x'], 'plan'],
    [['audit', 'trail', '--sinse', '1h'], 'audit trail'],
    [['ci', 'apply'], 'ci apply'],
    [['compare', '--from', 'a'], 'compare'],
    [['plna'], ''],
  ])('points from %j to the help of that command', async (args, name) => {
    const { code, stderr } = await strategosHere(args, around);
    const help = ['npx --no -- strategos', name, '--help'].filter((one) => one !== '').join(' ');
    expect([code, stderr]).toEqual([64, expect.stringContaining(`(${help} lists `)]);
  });

  it.each([
    [['--dir', 'x', 'plan'], '(--dir stands behind the command)'],
    [['audit', '--runs', 'x', 'show'], '(--runs stands behind the command)'],
    [['plan', 'x'], '(a folder of manifests is given with --dir, a name with --target)'],
    [['rollback'], '(latest is the newest that changed something; audit show lists all)'],
    [['audit', 'verify', 'x', 'y'], '(a folder of manifests is given with --dir)'],
  ])('says of %j where that belongs', async (args, hint) => {
    const { code, stderr } = await strategosHere(args, around);
    expect([code, stderr.split('\n')[1]]).toEqual([64, hint]);
    const { stderr: other } = await strategosHere(['plan', '--tagret', 'x'], around);
    expect(other).not.toContain('stands behind');
  });

  it.each([
    [['plan', '--ouf', 'x'], "unknown option '--ouf'", 'Did you mean --out?'],
    [['plan', 'x'], "too many arguments for 'plan'. Expected 0 arguments but got 1.", /--help/],
    [['plna'], "unknown command 'plna'", 'Did you mean plan?'],
  ])('tells a machine as well what is wrong with %j', async (args, message, hint) => {
    const { code, stdout } = await strategosHere([...args, '--format', 'json'], around);
    const { error } = JSON.parse(stdout) as { error: Record<string, unknown> };
    expect([code, error]).toMatchObject([64, { code: 'wrong-usage', exitCode: 64, message }]);
    expect(error['hint']).toMatch(hint);
  });

  it('takes -e, and says its version as a command', async () => {
    const { stdout } = await strategosHere(['plan', '--help'], around);
    expect(stdout).toContain('-e, --env <name>');
    const [one, two] = await Promise.all(
      [['version'], ['--version']].map((args) => strategosHere(args, around)),
    );
    expect(one).toEqual(two);
    expect(one?.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each(['audit verify', 'unlock', 'sync', 'export'])(
    '%s takes only the forms that it has',
    async (name) => {
      const args = [...name.split(' '), '--format', 'html'];
      const { code, stderr } = await strategosHere(args, around);
      expect(code).toBe(64);
      expect(stderr).toContain('Allowed choices are text, json.');
    },
  );
});
