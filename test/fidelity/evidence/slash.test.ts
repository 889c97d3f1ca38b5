/**
 * A hop on the way that takes no escaped slash, nor anything else that a path has to escape and
 * somebody might resolve again. Source: the help's "Create a data table" refuses `/` and `\` in
 * names, and nothing public shows a row whose key has one.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { refused, type Manners, type Said } from '../../support/proxy.js';
import { Evidence } from './main-job.js';

const ESCAPED = /%(2f|5c|25|23|3f|3b)/i;

function refusing(answer: Said): Manners {
  return { meet: ({ path }) => (ESCAPED.test(path) ? answer : null) };
}

let org: Evidence;
afterEach(() => org.close());

const ANSWERS = [
  ['404', refused(404, 'not.found', 'no such path')],
  ['an HTML 400', { status: 400, headers: { 'content-type': 'text/html' }, body: '<h1>no</h1>' }],
] as const;

describe.each(ANSWERS)('a hop that answers %s to an escaped slash', (_name, answer) => {
  it('meets none in the main job', async () => {
    org = await Evidence.open(refusing(answer));
    await org.fromTheStart();
    expect(org.proxy.passed.filter((line) => ESCAPED.test(line))).toEqual([]);
    expect(org.keys()).toEqual(
      [expect.stringMatching(/^head-/), 'RoutingStrategy~optimized-support'].sort(),
    );
  });

  it('lets old records be moved, and says which rows could not be removed', async () => {
    org = await Evidence.open(refusing(answer));
    await org.ends(0, 'apply', '--yes');
    const records = org.rows('Routing Strategies (strategos)');
    const old = 'RoutingStrategy/billing';
    const row = records.get('RoutingStrategy~billing') ?? new Map<string, unknown>();
    records.set(old, new Map([...row, ['key', old]]));
    records.delete('RoutingStrategy~billing');
    expect((await org.ends(0, 'apply', '--yes')).stdout).toContain('Nothing to do');
    await org.place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    const moved = await org.ends(0, 'apply', '--yes');
    expect(moved.stderr).toContain(`the row "${old}", which an older version wrote`);
    expect(org.keys()).toEqual(expect.arrayContaining([old, 'RoutingStrategy~billing']));
    await org.ends(0, 'drift');
    // As the warning says: somebody deletes it by hand.
    records.delete(old);
    expect((await org.ends(0, 'apply', '--yes')).stdout).toContain('Nothing to do');
  });

  it('makes a strategy of such a name, owns it, and says why it cannot change it', async () => {
    org = await Evidence.open(refusing(answer));
    const manifest = (capacity: number): string =>
      [
        ...['apiVersion: strategos/v1', 'kind: RoutingStrategy', 'metadata: { name: billing/eu }'],
        `spec: { targets: [{ queue: Billing, capacity: ${capacity} }] }`,
      ].join('\n');
    await org.place.write('strategies/odd.yaml', manifest(3));
    const valid = await org.ends(0, 'validate');
    expect(valid.stdout).toContain('metadata.name: "/" has to be escaped in the path of a row');
    await org.ends(0, 'apply', '--yes');
    expect(org.keys()).toContain('RoutingStrategy~billing~2Feu');
    expect((await org.ends(0, 'apply', '--yes')).stdout).toContain('Nothing to do');
    await org.place.write('strategies/odd.yaml', manifest(4));
    const ended = await org.ends(5, 'apply', '--yes');
    expect(ended.stdout + ended.stderr).toContain('a name in this path has to be escaped');
    expect(ended.stdout).not.toContain('was deleted');
    // It is still there, and still ours.
    expect(org.row('billing/eu')?.get('spec')).toContain('"capacity":3');
    await org.place.write('strategies/odd.yaml', manifest(3));
    expect((await org.ends(0, 'apply', '--yes')).stdout).toContain('Nothing to do');
    expect(org.proxy.passed.filter((line) => line.includes('/eu'))).toEqual([]);
  });
});

describe('a hop that takes what is escaped', () => {
  it('lets a strategy of such a name be changed and deleted', async () => {
    org = await Evidence.open({});
    await org.place.write('strategies/billing.yaml', '');
    await org.place.write('strategies/overlay-demo.yaml', '');
    const text = await org.place.read('strategies/support.yaml');
    const odd = text.replace('name: optimized-support', "name: 'Sales / EMEA; 50% #1?'");
    await org.place.write('strategies/support.yaml', odd);
    await org.ends(0, 'apply', '--yes');
    await org.place.write('strategies/support.yaml', odd.replace('capacity: 10', 'capacity: 9'));
    await org.ends(0, 'apply', '--yes');
    expect(org.row('Sales / EMEA; 50% #1?')?.get('spec')).toContain('"capacity":9');
    await org.place.write('strategies/support.yaml', '');
    await org.ends(0, 'apply', '--yes', '--force');
    expect([...org.rows('Routing Strategies').keys()]).toEqual([]);
  });
});
