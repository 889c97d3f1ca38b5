/** The functions that programs import: what the commands do, and nothing on a terminal. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { apply, EXIT, loadManifests, plan, validate } from '../../src/api/index.js';
import type { PlanOptions } from '../../src/api/index.js';
import { Workplace } from '../support/cli.js';

let place: Workplace;

beforeEach(async () => {
  place = await Workplace.open();
});
afterEach(() => place.close());

const org = (): PlanOptions => ({ cwd: place.dir, env: place.environment({}), actor: 'tester' });
const edit = (): Promise<void> =>
  place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');

describe('loadManifests', () => {
  it('has every document as it is written, with its place', async () => {
    const { manifests, issues } = await loadManifests('strategies', { cwd: place.dir });
    expect(issues).toEqual([]);
    expect(manifests.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      ...['RoutingStrategy/billing', 'RoutingStrategy/sales', 'Environment/demo'],
      ...['Overlay/demo-sales-capacity', 'RoutingStrategy/optimized-support'],
    ]);
    expect(manifests[0]?.positions.at('/spec/targets/0/capacity')).toMatchObject({
      file: 'strategies/billing.yaml',
      line: 13,
    });
  });

  it('has those of an environment with its overlays applied', async () => {
    const given = { cwd: place.dir, environment: 'demo' };
    const { manifests, issues } = await loadManifests('strategies', given);
    expect(issues).toEqual([]);
    const sales = manifests.find(({ name }) => name === 'sales');
    expect(sales?.body).toMatchObject({ spec: { targets: [{ capacity: 4 }, { capacity: 6 }] } });
    expect(manifests.every(({ kind }) => kind === 'RoutingStrategy')).toBe(true);
  });

  it('says what cannot be read, and that there is no such environment', async () => {
    const gone = await loadManifests('elsewhere', { cwd: place.dir });
    expect(gone.issues).toMatchObject([{ code: 'missing-path', severity: 'error' }]);
    const other = await loadManifests('strategies', { cwd: place.dir, environment: 'prod' });
    expect(other.issues).toMatchObject([{ code: 'unknown-environment' }]);
    expect(other.manifests).toEqual([]);
  });
});

describe('validate', () => {
  it('agrees with the command', async () => {
    expect(await validate('strategies', { cwd: place.dir })).toEqual({ valid: true, issues: [] });
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: none');
    const own = await validate('strategies', { cwd: place.dir });
    const { stdout, code } = await place.strategos(['validate', '--format', 'json']);
    expect(code).toBe(EXIT.invalid);
    expect(own).toEqual(expect.objectContaining({ valid: false }));
    expect(own.issues).toEqual((JSON.parse(stdout) as { issues: unknown }).issues);
  });
});

describe('plan and apply', () => {
  it('make the plan of the command, carry it out, and then find nothing to do', async () => {
    const made = await plan(org());
    const { stdout } = await place.strategos(['plan', '--format', 'json']);
    expect((JSON.parse(stdout) as { digest: string }).digest).toBe(made.digest);
    expect(made.counts.create).toBe(3);

    const applied = await apply({ ...org(), plan: made });
    expect(applied).toMatchObject({ state: 'applied', exitCode: EXIT.done });
    expect(applied.plan.digest).toBe(made.digest);
    expect(applied.outcomes.map(({ state }) => state)).toEqual(['created', 'created', 'created']);
    expect(Object.keys(await place.strategies()).sort()).toEqual([
      ...['billing', 'optimized-support', 'sales'],
    ]);
    expect(await place.runs()).toContain(applied.run);
    expect(await apply(org())).toMatchObject({ state: 'nothing to do', exitCode: EXIT.done });
  });

  it('print nothing, and say what the command line would to whoever wants to know', async () => {
    const written = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write'));
    const said: string[] = [];
    await apply({ ...org(), log: (text) => void said.push(text) });
    for (const one of written) {
      expect(one).not.toHaveBeenCalled();
      one.mockRestore();
    }
    expect(said.join('')).toContain('create RoutingStrategy/billing\n');
  });

  it('take a plan that went through JSON, and refuse one that was changed or is stale', async () => {
    const made = await plan(org());
    await expect(
      apply({ ...org(), plan: { ...made, changes: made.changes.slice(1) } }),
    ).rejects.toThrow('the given plan: not a plan that can be applied: it was changed');
    await edit();
    await expect(apply({ ...org(), plan: made })).rejects.toMatchObject({
      code: 'stale-plan',
      exitCode: EXIT.refused,
    });
    const { digest } = await plan(org());
    await expect(apply({ ...org(), expectDigest: made.digest })).rejects.toThrow(digest);
    const requests = place.simulator.requests();
    await expect(apply({ ...org(), expectDigest: digest.slice(0, 12) })).rejects.toMatchObject({
      exitCode: EXIT.usage,
      message: `expectDigest is no digest: ${digest.slice(0, 12)}`,
    });
    expect(place.simulator.requests()).toBe(requests);
    expect(await place.strategies()).toEqual({});
  });

  it('are limited to a target, and held by guards unless they are overruled', async () => {
    await apply(org());
    const one = await plan({ ...org(), target: ['billing'] });
    expect(one.scope).toEqual(['billing']);
    await place.edit('strategies/environment.yaml', 'maxChanges: 50%', 'maxChanges: 0%');
    await edit();
    await expect(apply(org())).rejects.toMatchObject({ code: 'guard' });
    expect(await apply({ ...org(), force: true })).toMatchObject({ state: 'applied' });
  });

  it('end at once when they are told to before anything is written', async () => {
    const signal = AbortSignal.abort();
    await expect(apply({ ...org(), signal })).rejects.toMatchObject({ code: 'interrupted' });
    expect(await place.strategies()).toEqual({});
  });

  it.each([{ runs: '' }, { dir: '' }, { environment: '' }])('take no %j', async (given) => {
    const [what] = Object.keys(given);
    const refused = { exitCode: EXIT.usage, message: `${what ?? ''} is empty` };
    await expect(plan({ ...org(), ...given })).rejects.toMatchObject(refused);
    await expect(apply({ ...org(), ...given })).rejects.toMatchObject(refused);
    expect([existsSync(path.join(place.dir, '.strategos')), place.simulator.requests()]).toEqual([
      ...[false, 0],
    ]);
  });

  it('throw what a command would end with', async () => {
    const env = { ...place.environment({}), GENESYS_CLIENT_SECRET: 'wrong' };
    await expect(plan({ ...org(), env })).rejects.toMatchObject({ exitCode: EXIT.denied });
    await expect(plan({ ...org(), env: {} })).rejects.toThrow('not set: GENESYS_DOMAIN');
    await expect(plan({ ...org(), runs: 'records', environment: 'prod' })).rejects.toMatchObject({
      exitCode: EXIT.invalid,
    });
    expect(existsSync(path.join(place.dir, 'records'))).toBe(false);
  });
});
