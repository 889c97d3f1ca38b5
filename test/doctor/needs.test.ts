/** The permissions of the table are those that plans and applies turn out to need: none is idle. */
import { afterEach, describe, expect, it } from 'vitest';
import { needsOf } from '../../src/doctor/needs.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { Workplace } from '../support/cli.js';

let place: Workplace;

afterEach(() => place.close());

/** An org whose client `demo` has these permissions. */
async function permitted(
  permissions: readonly string[],
  backend: 'datatable' | 'strategies-api',
): Promise<Workplace> {
  const clients = (DEMO_ORG.clients ?? []).map((client) =>
    client.id === 'demo' ? { ...client, permissions: [...permissions] } : client,
  );
  place = await Workplace.open({ ...DEMO_ORG, clients }, { backend });
  return place;
}

describe.each(['datatable', 'strategies-api'] as const)('on %s', (backend) => {
  const needs = needsOf(backend);
  const wanted = (purposes: readonly string[]): string[] =>
    needs.filter((one) => purposes.includes(one.for)).map(({ anyOf: [first] }) => first);
  const all = wanted(['plan', 'apply', 'more']);

  it('what the table names is enough to apply, change, look and delete', async () => {
    await permitted(all, backend);
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    await place.edit('strategies/billing.yaml', 'weight: 1.0', 'weight: 0.9');
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    for (const command of ['drift', 'metrics']) {
      expect((await place.strategos([command])).code).toBe(0);
    }
    const { code, stdout } = await place.strategos(['doctor', '--format', 'json']);
    expect(code).toBe(0);
    const { checks } = JSON.parse(stdout) as { checks: { id: string; verdict: string }[] };
    const others = checks.filter(({ verdict }) => verdict === 'differs').map(({ id }) => id);
    expect(others).toEqual([]);
  });

  it('what is for plans is enough to plan', async () => {
    await permitted(wanted(['plan', 'more']), backend);
    expect((await place.strategos(['plan'])).code).toBe(0);
  });

  const required = needs.filter((one) => one.for === 'plan' || one.for === 'apply');
  // Nothing is deleted by a first apply.
  const tried = required.filter(({ anyOf: [one] }) => one !== 'routing:strategy:delete');
  it.each(tried.map((need) => [need.anyOf.join(' or '), need.anyOf] as const))(
    'an apply does not do without %s',
    async (_, missing) => {
      await permitted(
        all.filter((one) => !missing.includes(one)),
        backend,
      );
      const { code, stderr } = await place.strategos(['apply', '--yes']);
      // A lock that cannot be given back is said, what was applied is applied.
      if (missing.includes('architect:datatableRow:delete')) expect(stderr).toMatch(/lock/);
      else expect(code).toBeGreaterThan(3);
    },
  );
});
