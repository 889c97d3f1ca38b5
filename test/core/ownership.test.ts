/** Whose is it? Record × live object × owner → hold. */
import { describe, expect, it } from 'vitest';
import { catalogOf } from '../../src/core/catalog.js';
import { withNamesOfToday } from '../../src/core/former.js';
import type { JsonObject } from '../../src/core/json.js';
import { ownershipOf } from '../../src/core/ownership.js';
import type { Ids, StateRecord } from '../../src/core/state.js';
import { routingStrategy } from '../../src/kinds/routing-strategy/index.js';
import { OTHER, OWNER, recordOf } from '../support/owned.js';
import { liveFrom } from '../support/plans.js';

const RAW = {
  selection: { skills: [{ skill: 'Support', required: true }] },
  targets: [{ queue: 'Tier 1', priority: 1, weight: 1, capacity: 5 }],
  fallback: { queue: 'Overflow' },
};
const LIVE = liveFrom({ name: 'a', raw: RAW });
const record = (over: Partial<StateRecord> = {}): StateRecord =>
  recordOf('RoutingStrategy/a', { id: LIVE.id, ...over });
const hold = (of: StateRecord | undefined, live: typeof LIVE | null = LIVE) =>
  ownershipOf(of, live, OWNER, routingStrategy);
const US = { by: 'us', upToDate: true } as const;
const PENDING = { by: 'us', upToDate: false } as const;

describe('a upToDate record', () => {
  it('of ours makes it ours, whatever the object has become', () => {
    const applied = { status: 'active' };
    expect(hold(record({ applied }))).toEqual({ ...US, applied });
    expect(hold(record())).toEqual({ ...US, applied: null });
  });

  it('of ours stays ours while the object is gone', () => {
    const applied = { status: 'active' };
    expect(hold(record({ applied }), null)).toEqual({ ...US, applied });
  });

  it('of ours does not make another object of its name ours', () => {
    expect(hold(record({ id: 'the one that somebody deleted' }))).toEqual({ by: 'nobody' });
  });

  it('of another says who', () => {
    const owner = 'github.com/acme/elsewhere (environment prod)';
    const whose = { by: 'other', owner, remark: '' };
    const theirs = record({ owner: OTHER, run: 'run-7' });
    expect(hold(theirs)).toEqual({ ...whose, run: 'run-7' });
    expect(hold(theirs, null)).toEqual({ ...whose, run: 'run-7' });
    const elsewhere = record({ owner: { ...OWNER, environment: 'prod' } });
    expect(hold(elsewhere)).toMatchObject({ by: 'other', owner: 'test (environment prod)' });
  });
});

describe('a record that is not up to date', () => {
  it.each<[string, Partial<StateRecord>]>([
    ['is one that moves', { isMoved: true }],
    ['has our name as an earlier version wrote it', { owner: { ...OWNER, name: 'routing' } }],
  ])('%s', (_what, over) => {
    const us = { ...OWNER, before: 'routing' };
    expect(ownershipOf(record(over), LIVE, us, routingStrategy)).toMatchObject(PENDING);
  });
});

describe('a claim', () => {
  const { fields } = LIVE;
  const claim = (applied: JsonObject | null): StateRecord => record({ id: null, applied });

  it('of an object that is not there has applied nothing yet', () => {
    expect(hold(claim(fields), null)).toEqual({ ...PENDING, applied: null });
  });

  it.each<[string, JsonObject]>([
    ['all of it', fields],
    ['in another state: a run that was killed leaves a draft', { ...fields, status: 'draft' }],
    ['what the manifest left to the org', { status: 'active', targets: fields['targets']! }],
  ])('holds what it was made for: %s', (_name, applied) => {
    expect(hold(claim(applied))).toEqual({ ...PENDING, applied });
  });

  it.each<[string, JsonObject | null]>([
    ['other targets', { ...fields, targets: [] }],
    ['another selection', { ...fields, selection: { skills: [] } }],
    ['no fallback', { ...fields, fallback: null }],
    ['nobody knows what', null],
  ])('does not hold what somebody else made: %s', (_name, applied) => {
    expect(hold(claim(applied))).toEqual({ by: 'nobody' });
  });

  it.each<[string, JsonObject, 'us' | 'nobody']>([
    ['as it is called now', { Tier: 'id-1' }, 'us'],
    ['which stands for another now', { Tier: 'id-2' }, 'nobody'],
    ['of which no record says what it stood for', {}, 'nobody'],
    ['which is gone', { Tier: 'id-3' }, 'nobody'],
  ])('knows what it was made for by a queue %s', (_name, queue, by) => {
    const targets = [{ queue: 'Tier', priority: 1, weight: 1, capacity: 5 }];
    const made = { ...claim({ ...fields, targets }), ids: { queue, skill: {} } as Ids };
    const catalog = catalogOf({
      queue: ['Tier 1', 'Tier 2', 'Overflow'].map((name, at) => ({ id: `id-${at + 1}`, name })),
      skill: [{ id: 'support', name: 'Support' }],
    });
    const { address } = made;
    const kept = withNamesOfToday(new Map([[address, made]]), catalog, [routingStrategy]);
    expect(hold(kept.get(address)).by).toBe(by);
    // In a table the row has the name that was written.
    const row = { ...LIVE, fields: { ...fields, targets } };
    expect(hold(kept.get(address), row).by).toBe('us');
    expect(kept.get(address)?.applied).toEqual(made.applied);
  });

  it.each<[string, string, boolean]>([
    ['which is what is there', LIVE.id, true],
    ['which has gone, and another has its name', 'another', false],
  ])('of something that was to be taken over, %s', (_what, adopts, isOurs) => {
    const taken = { ...PENDING, applied: fields, isTakenUp: true };
    expect(hold({ ...claim(fields), adopts })).toEqual(isOurs ? taken : { by: 'nobody' });
  });

  it('of another is another’s also before its object is there', () => {
    expect(hold({ ...claim(fields), owner: OTHER }, null)).toMatchObject({ by: 'other' });
  });
});

describe('no record', () => {
  it('means nobody’s', () => {
    expect(hold(undefined)).toEqual({ by: 'nobody' });
    expect(hold(undefined, null)).toEqual({ by: 'nobody' });
  });
});
