/** ci matrix: the environments of the manifests, in as many parts as matrices are needed. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Workplace } from '../support/cli.js';
import { onRunner } from '../support/npx-here.js';

let place: Workplace;

beforeEach(async () => {
  place = await Workplace.open();
});
afterEach(() => place.close());

async function fleetOf(size: number, prefix = 'org'): Promise<string[]> {
  // An overlay of the example is for demo.
  const more = Array.from(
    { length: size - 1 },
    (_, nth) => `${prefix}-${String(nth).padStart(4, '0')}`,
  );
  const names = ['demo', ...more];
  const documents = names.map((name) =>
    [
      'apiVersion: strategos/v1',
      'kind: Environment',
      `metadata: { name: ${name} }`,
      'spec: { host: mypurecloud.ie, backend: datatable, credentials: { clientIdEnv: GENESYS_ID,',
      '  clientSecretEnv: GENESYS_SECRET } }',
    ].join('\n'),
  );
  await place.write('strategies/environment.yaml', `${documents.join('\n---\n')}\n`);
  return names;
}

/** What the step sets, by name. */
async function outputsOf(): Promise<Record<string, unknown>> {
  const file = path.join(place.dir, 'outputs');
  await writeFile(file, '');
  const env = place.environment({ GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: file });
  const ended = await onRunner(['ci', 'matrix'], { cwd: place.dir, env });
  expect(ended.stderr).toBe('');
  expect(ended.code).toBe(0);
  const text = await readFile(file, 'utf8');
  const found = [...text.matchAll(/^(\w+)<<(.+)\n([\s\S]*?)\n\2$/gm)];
  return Object.fromEntries(
    found.map(([, name, , value]) => [name ?? '', JSON.parse(value ?? '') as unknown]),
  );
}

describe('ci matrix', () => {
  it.each([
    [1, [1]],
    [257, [256, 1]],
    [1000, [256, 256, 256, 232]],
    [1300, [256, 256, 256, 256, 256, 20]],
  ])('of %i environments has parts that a matrix holds, each name in one', async (size, parts) => {
    const names = await fleetOf(size);
    const outputs = await outputsOf();
    expect(outputs['environments']).toEqual(names);
    const shards = outputs['shards'] as { number: number; environments: string[] }[];
    expect(shards.map(({ number }) => number)).toEqual(parts.map((_, index) => index + 1));
    expect(shards.map(({ environments }) => environments.length)).toEqual(parts);
    expect(shards.flatMap(({ environments }) => environments)).toEqual(names);
  });

  it('of none at all says that no job has anything to do', async () => {
    await place.write(
      'none.yaml',
      'apiVersion: strategos/v1\nkind: Skill\nmetadata: { name: A }\nspec: {}\n',
    );
    const ended = await place.strategos(['ci', 'matrix', '--dir', 'none.yaml']);
    expect([ended.code, ended.stdout]).toEqual([0, '[]\n']);
    expect(ended.stderr).toContain('there is no Environment among the manifests');
  });

  it('of one that nobody has declared says which there are', async () => {
    await fleetOf(3);
    const ended = await place.strategos(['ci', 'matrix', '--env', 'nope']);
    expect([ended.code, ended.stdout]).toEqual([3, '']);
    expect(ended.stderr).toContain('there is no Environment named "nope"');
  });

  it('of a step that does not see the files of its runner says so, and is no bug', async () => {
    await fleetOf(1);
    const gone = path.join(place.dir, 'gone');
    for (const [variable, command] of [
      ['GITHUB_OUTPUT', 'matrix'],
      ['GITHUB_STEP_SUMMARY', 'validate'],
    ] as const) {
      const env = { GITHUB_ACTIONS: 'true', [variable]: gone };
      const ended = await onRunner(['ci', command], { cwd: place.dir, env });
      expect(ended.code).toBe(3);
      expect(ended.stderr).toContain(`${gone}, which ${variable} names, is not there`);
    }
  });

  it('of more names than a step can be handed says so', async () => {
    await fleetOf(2200, 'x'.repeat(58));
    const ended = await place.strategos(['ci', 'matrix']);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('2200 environments: their names take');
  });
});
