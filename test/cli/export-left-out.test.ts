/** What an export says of objects that it could not write whole. */
import { expect, it } from 'vitest';
import { tellLeftOut } from '../../src/cli/export-left-out.js';
import type { World } from '../../src/cli/world.js';
import type { StateRecord } from '../../src/core/state.js';
import type { Address } from '../../src/core/types.js';
import { plainStyle } from '../../src/render/style.js';

const NAMES = Array.from({ length: 8 }, (_, index) => `line-${index}`);

const OUT = NAMES.map((name) => ({
  address: `RoutingStrategy/${name}` as Address,
  why: { code: 'schema', pointer: '', message: '"capacity" is missing' },
  unfinished: { path: `exported/${name}.yaml.unfinished`, text: '' },
}));

function told(ours: readonly string[]): string {
  const said: string[] = [];
  const world = { err: (text: string) => said.push(text), errStyle: plainStyle };
  const records = new Map(ours.map((name) => [`RoutingStrategy/${name}`, {} as StateRecord]));
  tellLeftOut(OUT, { records }, 'datatable', world as unknown as World);
  return said.join('');
}

it('tells of many in one message where nobody has them', () => {
  expect(told([]).match(/not exported/g)).toHaveLength(1);
});

it('says of each that is on record, among many, that a plan would delete it', () => {
  const text = told(['line-3', 'line-6']);
  for (const name of ['line-3', 'line-6']) {
    expect(text).toMatch(
      new RegExp(`RoutingStrategy/${name}: not exported: .*on record as managed: .*deletes it`),
    );
  }
  expect(text).toMatch(/^warning: 6 strategies not exported: .*line-0/);
});
