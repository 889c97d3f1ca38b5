/**
 * The claim of a create that came to nothing: what somebody makes of that name meanwhile is theirs,
 * unless it is just what was to be made. What the killed run has made is ours.
 */
import { describe, expect, it } from 'vitest';
import { killedAt } from '../support/killed.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';

const OTHER = { 'o.yaml': manifestOf('Skill', 'Ours', {}) };
/** A division is there where a queue is in it. */
const EAST = { name: 'Far', division: 'East', members: [] };
const DAY = { start: '2026-01-05T08:00:00', end: '2026-01-05T17:00:00' };
const COLUMN = { title: 'site', type: 'string', $id: '/properties/key', displayOrder: 0 };
const AGENTS = { title: 'agents', type: 'integer', $id: '/properties/agents', displayOrder: 1 };

/** What the manifest asks for, and what somebody has made instead. */
const KINDS: Readonly<Record<string, { spec: object; path: string; theirs: object }>> = {
  Queue: {
    spec: { description: 'ours' },
    path: '/api/v2/routing/queues',
    theirs: { description: 'theirs' },
  },
  Skill: {
    spec: { division: 'East' },
    path: '/api/v2/routing/skills',
    theirs: {},
  },
  WrapupCode: {
    spec: { description: 'ours' },
    path: '/api/v2/routing/wrapupcodes',
    theirs: { description: 'theirs' },
  },
  Schedule: {
    spec: DAY,
    path: '/api/v2/architect/schedules',
    theirs: { ...DAY, end: '2026-01-05T20:00:00', rrule: 'FREQ=DAILY' },
  },
  EmergencyGroup: {
    spec: { description: 'ours', enabled: false },
    path: '/api/v2/architect/emergencygroups',
    theirs: { description: 'ours', enabled: true },
  },
  DataTable: {
    spec: {
      description: 'ours',
      columns: [
        { name: 'site', type: 'string' },
        { name: 'agents', type: 'integer' },
      ],
    },
    path: '/api/v2/flows/datatables',
    theirs: {
      description: 'theirs',
      schema: {
        type: 'object',
        required: ['key'],
        additionalProperties: false,
        $schema: 'http://json-schema.org/draft-04/schema#',
        properties: { key: COLUMN, agents: AGENTS },
      },
    },
  },
};

function organization(): Many {
  return many(bench({ ...ORG, queues: [...(ORG.queues ?? []), EAST] }), 'datatable');
}

const actions = async (place: Many, files: Record<string, string>): Promise<unknown> => {
  const { plan } = await place.plan(files);
  return plan.changes.map(({ action, address }) => `${action} ${address}`);
};

describe.each(Object.entries(KINDS))('%s', (kind, { spec, path, theirs }) => {
  const files = { ...OTHER, 'x.yaml': manifestOf(kind, 'One', spec) };
  const address = `${kind}/One`;

  async function claimed(when: 'before' | 'after'): Promise<Many> {
    for (let at = 1; ; at += 1) {
      const place = organization();
      await place.apply(OTHER);
      const { request, died } = await killedAt(place, await place.plan(files), { at, when });
      if (!died) throw new Error('it was never sent');
      if (request !== `POST ${path}`) continue;
      await place.bench.clock.sleep(600_000);
      return place;
    }
  }

  it('made by the killed run is ours', async () => {
    const place = await claimed('after');
    expect(await actions(place, files)).toEqual([]);
    await place.apply(files);
    expect(await actions(place, OTHER)).toEqual([`delete ${address}`]);
  });

  it('made by somebody else is asked about, and without a manifest theirs', async () => {
    const place = await claimed('before');
    await place.send('POST', path, { name: 'One', ...theirs });
    expect(await actions(place, files)).toEqual([`adopt ${address}`]);
    expect(await actions(place, OTHER)).toEqual([]);
    // The claim keeps nobody else from it.
    await place.apply(OTHER);
    const { plan } = await place.plan(files, { owner: 'other', prune: false });
    expect(plan.changes.map(({ action, address: of }) => `${action} ${of}`)).toEqual([
      `adopt ${address}`,
    ]);
  });
});
