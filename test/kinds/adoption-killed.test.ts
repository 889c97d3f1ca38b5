/**
 * An adoption that is killed at any of its requests has not made somebody's object ours: without its
 * manifest nothing of it is deleted, and the claim goes.
 */
import { describe, expect, it } from 'vitest';
import { planBack } from '../support/back.js';
import { killedAt, type When } from '../support/killed.js';
import { many, manifestOf, sites, STRATEGY, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';

const USERS = [...(ORG.users ?? []), { name: 'Eve', email: 'eve@example.com' }];
const OTHER = { 'o.yaml': manifestOf('Skill', 'Ours', {}) };

interface Theirs {
  readonly path: string;
  readonly body: object;
  /** What the manifest makes of it. */
  readonly manifest: string;
}

const START = '2026-01-05T08:00:00';
const THEIRS: Readonly<Record<string, Theirs>> = {
  Queue: {
    path: '/api/v2/routing/queues',
    body: { name: 'Theirs', description: 'theirs' },
    manifest: manifestOf('Queue', 'Theirs', {
      description: 'ours',
      members: { include: ['eve@example.com'] },
    }),
  },
  WrapupCode: {
    path: '/api/v2/routing/wrapupcodes',
    body: { name: 'Theirs', description: 'theirs' },
    manifest: manifestOf('WrapupCode', 'Theirs', { description: 'ours' }),
  },
  Schedule: {
    path: '/api/v2/architect/schedules',
    body: { name: 'Theirs', start: START, end: '2026-01-05T17:00:00', rrule: '' },
    manifest: manifestOf('Schedule', 'Theirs', { start: START, end: '2026-01-05T18:00:00' }),
  },
  EmergencyGroup: {
    path: '/api/v2/architect/emergencygroups',
    body: { name: 'Theirs', description: 'theirs' },
    manifest: manifestOf('EmergencyGroup', 'Theirs', { description: 'ours' }),
  },
  DataTable: {
    path: '/api/v2/flows/datatables',
    body: {
      name: 'Sites',
      schema: {
        type: 'object',
        required: ['key'],
        additionalProperties: false,
        $schema: 'http://json-schema.org/draft-04/schema#',
        properties: {
          key: { title: 'site', type: 'string', $id: '/properties/key', displayOrder: 0 },
          agents: { title: 'agents', type: 'integer', $id: '/properties/agents', displayOrder: 1 },
        },
      },
    },
    manifest: sites({ Bonn: 1, Kiel: 2 }),
  },
};

async function theirs({ path, body }: Theirs): Promise<Many> {
  const place = many(bench({ ...ORG, users: USERS }), 'datatable');
  await place.apply(OTHER);
  await place.send('POST', path, body);
  return place;
}

async function left(place: Many): Promise<unknown> {
  const { plan, chores } = await place.plan(OTHER);
  return [plan.changes.map(({ action, address }) => `${action} ${address}`), chores];
}

describe.each(Object.entries(THEIRS))('%s', (kind, one) => {
  it.each<When>(['before', 'after'])('killed %s any request', async (when) => {
    for (let at = 1; ; at += 1) {
      const place = await theirs(one);
      const made = await place.plan({ ...OTHER, 'x.yaml': one.manifest }, { adopt: true });
      expect(made.plan.counts.adopt).toBe(1);
      const { died, request } = await killedAt(place, made, { at, when });
      if (!died) break;
      const { plan, chores } = await place.plan(OTHER);
      const isRecorded = when === 'after' && request.startsWith('PUT') && request.includes('~');
      if (isRecorded) continue;
      expect(plan.changes, `${at} ${request} of ${kind}`).toEqual([]);
      expect(plan.leftAlone?.strangers.length, `${at} ${request}`).toBeGreaterThan(0);
      await place.carryOut(await place.plan(OTHER));
      expect(await left(place), `${at} ${request}: ${JSON.stringify(chores)}`).toEqual([[], []]);
    }
  });
});

describe('many rows in one file', () => {
  const names = Array.from({ length: 15 }, (_, index) => `theirs ${index}`);
  const files = (skill: string): Record<string, string> =>
    Object.fromEntries(names.map((name) => [`${name}.yaml`, STRATEGY(name, skill)]));

  it('killed after any request, and rolled back: they are nobody’s again', async () => {
    for (let at = 1; ; at += 1) {
      const place = many(bench(ORG), 'datatable');
      await place.apply({ ...OTHER, ...files('Voice') });
      for (const name of names) place.forget(`RoutingStrategy/${name}`);
      const made = await place.plan({ ...OTHER, ...files('Billing') }, { adopt: true });
      expect(made.plan.counts.adopt).toBe(names.length);
      const options = { bulk: true, run: 'killed' };
      const { died, request, log } = await killedAt(place, made, { at, when: 'after' }, options);
      await place.carryOut(await planBack(place, log), { run: 'back' });
      const { plan } = await place.plan(OTHER);
      expect(
        plan.changes.map(({ address }) => address),
        `${at} ${request}`,
      ).toEqual([]);
      expect(place.requiredSkill('theirs 7'), `${at} ${request}`).toBe('Voice');
      if (!died) break;
    }
  });

  it('killed after any request: what the file has written is claimed, the rest is nobody’s', async () => {
    for (let at = 1; ; at += 1) {
      const place = many(bench(ORG), 'datatable');
      await place.apply({ ...OTHER, ...files('Voice') });
      for (const name of names) place.forget(`RoutingStrategy/${name}`);
      const after = { ...OTHER, ...files('Billing') };
      const made = await place.plan(after, { adopt: true });
      const options = { bulk: true, run: 'killed' };
      const { died, request } = await killedAt(place, made, { at, when: 'after' }, options);
      const isWritten = place.requiredSkill('theirs 7') === 'Billing';
      // Without --adopt: what nobody has claimed is nobody's.
      const next = await place.plan(after);
      expect(next.plan.counts.adopt, `${at} ${request}`).toBe(isWritten ? 0 : names.length);
      if (!isWritten) continue;
      await place.carryOut(next, { run: 'next' });
      const { observation } = await place.plan(after);
      const ours = names.filter(
        (name) => observation.state.records.get(`RoutingStrategy/${name}`)?.id != null,
      );
      expect(ours.length, `${at} ${request}`).toBe(names.length);
      if (!died) break;
    }
  });
});
