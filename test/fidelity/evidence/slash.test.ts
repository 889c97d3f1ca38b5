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

describe.each([
  ['404', refused(404, 'not.found', 'no such path')],
  ['an HTML 400', { status: 400, headers: { 'content-type': 'text/html' }, body: '<h1>no</h1>' }],
] as const)('a hop that answers %s to an escaped slash', (_name, answer) => {
  it('meets none in the main job', async () => {
    org = await Evidence.open(refusing(answer));
    await org.fromTheStart();
    expect(org.proxy.passed.filter((line) => ESCAPED.test(line))).toEqual([]);
    expect(org.keys()).toEqual(
      [expect.stringMatching(/^head-/), 'RoutingStrategy~optimized-support'].sort(),
    );
  });
});
