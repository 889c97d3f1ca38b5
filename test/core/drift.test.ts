/** What of a plan is drift, and which event of the platform's audit explains it. */
import { describe, expect, it } from 'vitest';
import { attribute, driftIn, type Attribution, type Testimony } from '../../src/core/drift.js';
import type { JsonObject } from '../../src/core/json.js';
import type { AuditedEvent, IdOf } from '../../src/core/resource.js';
import type { StateRecord } from '../../src/core/state.js';
import { datatable } from '../../src/kinds/routing-strategy/datatable.js';
import { strategiesApi } from '../../src/kinds/routing-strategy/strategies-api.js';
import { recordOf } from '../support/owned.js';
import { liveFrom, planFor, recordsIn, strategy, type Scene } from '../support/plans.js';

const target = (weight: number, capacity: number): object => ({
  queue: 'Tier 1',
  priority: 1,
  weight,
  capacity,
});
const spec = (weight: number, capacity: number): string =>
  `targets: [{ queue: Tier 1, priority: 1, weight: ${weight}, capacity: ${capacity} }]`;
const fields = (weight: number, capacity: number): StateRecord['applied'] =>
  liveFrom({ name: 'a', raw: { targets: [target(weight, capacity) as never] } }).fields;

/** Git asks for weight 1 and capacity 10; the org and the last apply have what is given. */
function scene(live: [number, number], applied: [number, number] | null): Scene {
  return {
    manifests: [strategy('a', spec(1, 10))],
    org: [
      {
        name: 'a',
        raw: { targets: [target(...live) as never] },
        record: { applied: applied === null ? null : fields(...applied) },
      },
    ],
  };
}

const found = (of: Scene): ReturnType<typeof driftIn> => driftIn(planFor(of), recordsIn(of));

describe('drift is', () => {
  it.each<[string, Scene, string[]]>([
    ['nothing where git alone moved', scene([0.5, 10], [0.5, 10]), []],
    ['a field that the org alone moved', scene([0.5, 10], [1, 10]), ['targets["Tier 1"].weight']],
    ['a field that both moved', scene([0.5, 10], [0.8, 10]), ['targets["Tier 1"].weight']],
    [
      'not the field beside it that git moved',
      scene([0.5, 8], [1, 8]),
      ['targets["Tier 1"].weight'],
    ],
    [
      'every difference where what was applied is not known',
      scene([0.5, 8], null),
      ['targets["Tier 1"].weight', 'targets["Tier 1"].capacity'],
    ],
  ])('%s', (_name, of, paths) => {
    const { drifts, pending } = found(of);

    expect(drifts.flatMap((one) => one.fields.map(({ path }) => path))).toEqual(paths);
    expect(pending).toEqual(paths.length === 0 ? ['RoutingStrategy/a'] : []);
  });

  it('a strategy of ours that is gone, and no new one', () => {
    const record = recordOf('RoutingStrategy/a', { applied: fields(1, 10) });
    const manifests = ['a', 'b'].map((name) => strategy(name, spec(1, 10)));
    const { drifts, pending } = found({ manifests, org: [], records: [record] });

    expect(drifts.map(({ address, how }) => [address, how])).toEqual([
      ['RoutingStrategy/a', 'deleted'],
    ]);
    expect(pending).toEqual(['RoutingStrategy/b']);
  });

  it('no delete that git asks for', () => {
    const org = [{ name: 'old', raw: { targets: [target(0.5, 10) as never] } }];
    const { drifts, pending } = found({ manifests: [], org });

    expect([drifts, pending]).toEqual([[], ['RoutingStrategy/old']]);
  });

  it('what differs and is nobody’s: nobody can say that it is none', () => {
    const org = [{ name: 'a', raw: { targets: [target(0.5, 10) as never] }, record: null }];
    const { drifts } = found({ manifests: [strategy('a', spec(1, 10))], org });

    expect(drifts.map(({ address, record, fields: of }) => [address, record, of.length])).toEqual([
      ['RoutingStrategy/a', null, 1],
    ]);
  });
});

/** Names resolve as in the catalog of `plans.ts`: "Tier 1" is q1. */
const idOf: IdOf = () => 'q1';
const TESTIMONY = {
  idOf,
  entityOf: (name: string, of: JsonObject) => strategiesApi.entity(name, of, idOf),
};

const APPLIED_AT = '2026-03-01T09:00:00.000Z';
const event = ({
  at = '2026-03-01T12:00:00.000Z',
  ...over
}: Partial<AuditedEvent> = {}): AuditedEvent => ({
  at,
  atMs: Date.parse(at),
  action: 'Update',
  entityType: 'RoutingStrategy',
  entityId: 'live-1',
  entityName: 'a',
  entityUri: '',
  user: 'Ada',
  userId: 'u1',
  client: null,
  remoteIp: ['203.0.113.7'],
  context: {},
  properties: [{ property: 'targets/q1/weight', before: ['1'], after: ['0.5'] }],
  ...over,
});

function explained(
  events: readonly AuditedEvent[],
  over: Partial<Testimony> = {},
  of: Scene = scene([0.5, 10], [1, 10]),
): Attribution | undefined {
  const [drift] = found(of).drifts;
  if (drift === undefined) throw new Error('nothing drifted');
  const sinceMs = Date.parse(APPLIED_AT);
  const shared = { ...TESTIMONY, ownClient: 'tool', otherwise: 'not found', root: null, sinceMs };
  const testimony = { events, ...shared, ...over };
  return attribute(drift, strategiesApi.audit, testimony).by[0];
}

describe('a drifted field is explained by', () => {
  it('who, when, from where and which property', () => {
    expect(explained([event()])).toEqual({
      known: true,
      at: '2026-03-01T12:00:00.000Z',
      who: 'Ada',
      from: ['203.0.113.7'],
      action: 'Update',
      property: 'targets/q1/weight',
      certain: true,
    });
  });

  const by = (who: string, at: string, after: string): AuditedEvent =>
    event({
      user: who,
      at,
      properties: [{ property: 'targets/q1/weight', before: [], after: [after] }],
    });

  it.each<[string, AuditedEvent[], string]>([
    [
      'the event that left the value that is there, not a later one on another item',
      [by('Ada', '2026-03-01T10:00:00.000Z', '0.5'), by('Ben', '2026-03-01T11:00:00.000Z', '0.9')],
      'Ada',
    ],
    [
      'the newest of several that left it',
      [by('Ada', '2026-03-01T10:00:00.000Z', '0.5'), by('Ben', '2026-03-01T11:00:00.000Z', '0.5')],
      'Ben',
    ],
    [
      'the newest that concerns it, where none names the value',
      [by('Ada', '2026-03-01T10:00:00.000Z', '?')],
      'Ada',
    ],
    [
      'the client where there is no person',
      [event({ user: null, userId: null, client: 'other' })],
      'client other',
    ],
    ['a person who uses our client', [event({ client: 'tool' })], 'Ada'],
    [
      'our client long after the apply',
      [event({ user: null, userId: null, client: 'tool' })],
      'client tool',
    ],
  ])('%s', (_name, events, who) => {
    expect(explained(events)).toMatchObject({ known: true, who });
  });

  it('the newest that comes close is no more than probable', () => {
    const close = by('Ada', '2026-03-01T10:00:00.000Z', '?');
    expect(explained([close])).toMatchObject({ who: 'Ada', certain: false });
  });

  it.each<[string, AuditedEvent]>([
    [
      'an edit of another target to the same value',
      event({ properties: [{ property: 'targets/q2/weight', before: [], after: ['0.5'] }] }),
    ],
    ['another object', event({ entityId: 'live-2' })],
    [
      'another property',
      event({ properties: [{ property: 'status', before: [], after: ['0.5'] }] }),
    ],
    ['an event before the last apply', event({ at: '2026-03-01T08:00:00.000Z' })],
    [
      'our own write of the last apply',
      event({ user: null, userId: null, client: 'tool', at: '2026-03-01T09:00:01.000Z' }),
    ],
  ])('nobody, where all there is is %s', (_name, only) => {
    expect(recordOf('RoutingStrategy/a').at).toBe(APPLIED_AT);
    expect(explained([only])).toMatchObject({ known: false });
  });

  it.each([
    ['optimize', 'Ada'],
    ['rollback', 'Ada'],
    ['apply', 'nobody'],
  ])('an event before what %s wrote last: %s', (command, who) => {
    const before = event({ at: '2026-02-20T08:00:00.000Z' });
    const of = scene([0.5, 10], [1, 10]);
    const [one] = of.org;
    const record = { applied: fields(1, 10), command };
    const said = explained([before], {}, { ...of, org: [{ ...one!, record }] });
    expect(said?.known === true ? said.who : 'nobody').toBe(who);
    const own = event({ ...before, user: null, userId: null, client: 'tool' });
    expect(explained([own], {}, { ...of, org: [{ ...one!, record }] })).toEqual({
      known: false,
      why: command === 'apply' ? 'not found' : 'the audit has only what this client wrote',
    });
  });

  it('says of an event that is in the window what it names, not that there is none', () => {
    const other = event({ properties: [{ property: 'status', before: [], after: ['0.5'] }] });
    expect(explained([other])).toEqual({
      known: false,
      why: '1 event of it in the audit, none of which names this field',
    });
    expect(explained([])).toEqual({ known: false, why: 'not found' });
  });

  // One org: records of an update without any property (DataDog, genesys_tests.yaml).
  it('an event that names no property at all is no more than probable', () => {
    expect(explained([event({ properties: [] })])).toMatchObject({
      known: true,
      who: 'Ada',
      property: null,
      certain: false,
    });
  });

  // A client that acts for itself is its own user (Frank-F43/genesys-builder-mcp, audit.py).
  it.each<[string, Partial<AuditedEvent>]>([
    ['as user and as client', { user: null, userId: 'tool', client: 'tool' }],
    ['as user alone', { user: 'tool', userId: 'tool', client: null }],
    ['as client alone', { user: null, userId: null, client: 'tool' }],
  ])('never our own apply in place of a person, named %s', (_name, self) => {
    const own = event({ ...self, at: '2026-03-01T09:00:30.000Z' });
    const edit = event({ at: '2026-03-01T09:00:20.000Z', properties: [] });
    expect(explained([own, edit])).toMatchObject({ who: 'Ada', certain: false });
    expect(explained([own])).toMatchObject({ known: false });
  });

  it('the delete, when the strategy is gone', () => {
    const record = recordOf('RoutingStrategy/a', { id: 'live-1', applied: fields(1, 10) });
    const gone: Scene = { manifests: [strategy('a', spec(1, 10))], org: [], records: [record] };

    expect(explained([event(), event({ action: 'Delete', user: 'Ben' })], {}, gone)).toMatchObject({
      known: true,
      who: 'Ben',
      action: 'Delete',
      property: null,
      certain: true,
    });
  });

  it('the share of a row, and of no row of another table', () => {
    const [drift] = found(scene([0.5, 10], [1, 10])).drifts;
    if (drift?.record == null) throw new Error('nothing drifted');
    const own = { ...drift, record: { ...drift.record, id: 'a' } };
    const share = event({
      entityId: 't',
      context: { datatableId: 't', key: 'a' },
      properties: [{ property: 'target_01_share', before: ['0.5'], after: ['1'] }],
    });
    const inTable = (root: string): Attribution | undefined =>
      attribute(own, datatable.audit, {
        events: [share],
        ownClient: 'tool',
        otherwise: 'not found',
        root,
        sinceMs: 0,
        idOf,
        entityOf: (name, of) => datatable.entity(name, of, idOf),
      }).by[0];

    expect(inTable('/api/v2/flows/datatables/t/rows')).toMatchObject({ known: true, who: 'Ada' });
    expect(inTable('/api/v2/flows/datatables/u/rows')).toMatchObject({ known: false });
  });
});
