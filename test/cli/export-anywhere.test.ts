/** export from an empty folder: region and credentials in the variables are all that it needs. */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Workplace } from '../support/cli.js';

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open(undefined, { backend: 'datatable' });
  await place.strategos(['apply', '--yes']);
  await rm(path.join(place.dir, 'strategies'), { recursive: true });
});
afterEach(() => place.close());

it('writes an environment beside the strategies, and a plan of both is empty', async () => {
  const ended = await place.strategos(['export']);
  expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining('error')]);
  expect(ended.stdout).toBe('3 strategies exported to exported: 4 files written, 0 unchanged\n');
  const text = await place.read('exported/environment.yaml');
  expect(text).toContain('name: prod');
  expect(text).toContain('backend: datatable');
  const plan = await place.strategos(['plan', '--dir', 'exported', '--adopt']);
  expect(plan.stdout).toContain('0 to create, 0 to change, 0 to delete');
});

it('keeps the environment that it wrote, whose owner cannot be told again', async () => {
  await place.strategos(['export']);
  const text = await place.read('exported/environment.yaml');
  const again = await place.strategos(['export', '-e', 'live']);
  expect(again.stdout).toBe('3 strategies exported to exported: 0 files written, 3 unchanged\n');
  expect(await place.read('exported/environment.yaml')).toBe(text);
});

it('takes a folder with nothing in it for none', async () => {
  await mkdir(path.join(place.dir, 'strategies'));
  expect((await place.strategos(['export', '-e', 'live'])).code).toBe(0);
  expect(await place.read('exported/environment.yaml')).toContain('name: live');
});

it.each(['GENESYS_DOMAIN', 'GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET'])(
  'says what to set without %s',
  async (name) => {
    const ended = await place.strategos(['export'], { env: { [name]: '' } });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toBe(
      `error: there is no Environment among the manifests, and not set: ${name}\n` +
        '    → set what is missing, and no Environment is needed; or let npx --no -- strategos init write one\n',
    );
  },
);

it('a plan says of a folder that is not there nothing but that', async () => {
  const plan = await place.strategos(['plan']);
  expect(plan.stderr).not.toContain('no Environment');
  expect(plan.stderr).toContain('strategos init starts one');
});

it('does not take manifests that are broken for none', async () => {
  await mkdir(path.join(place.dir, 'strategies'));
  await place.write('strategies/environment.yaml', 'kind: Environment\nspec: [\n');
  const ended = await place.strategos(['export']);
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain('strategies/environment.yaml:');
});

it('sends nothing to a region that is misspelled', async () => {
  const ended = await place.strategos(['export'], { env: { GENESYS_DOMAIN: 'mypurecloud.ei' } });
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain('did you mean mypurecloud.ie?');
});
