/**
 * Listings that are two minutes behind, while what is asked for by itself is as it is. Nothing is
 * published on rows; the Terraform provider repeats its reads of many objects after it made them.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { Table } from '../../../src/simulator/model.js';
import { answer } from '../../../src/simulator/org.js';
import type { Manners } from '../../support/proxy.js';
import { Evidence } from './main-job.js';

const LAG_MS = 120_000;
const ROWS = /^\/api\/v2\/flows\/datatables\/[^/]+\/rows\?/;

let org: Evidence;
afterEach(() => org.close());

/** What the tables held until some moment. */
interface Past {
  readonly untilMs: number;
  readonly tables: Map<string, Table>;
}

function lagging(): Manners {
  const pasts: Past[] = [];
  return {
    meet: ({ method, path, headers, body }) => {
      const { place } = org;
      const nowMs = place.clock.now();
      const { org: world } = place.simulator;
      if (method !== 'GET') pasts.push({ untilMs: nowMs, tables: structuredClone(world.tables) });
      const past = pasts.find(({ untilMs }) => untilMs > nowMs - LAG_MS);
      if (method !== 'GET' || !ROWS.test(path) || past === undefined) return null;
      // Of a table that was made since, nobody knows that it is there.
      const tables = new Map(
        [...world.tables].map(([id, table]) => [id, past.tables.get(id) ?? emptied(table)]),
      );
      const texts = Object.entries(headers).map(([name, value]) => [name, String(value)]);
      const request = {
        method,
        path,
        body,
        headers: Object.fromEntries(texts) as Record<string, string>,
      };
      const said = answer({ ...world, tables }, request, nowMs);
      return { status: said.status, headers: said.headers, body: said.body };
    },
  };
}

function emptied(table: Table): Table {
  return { ...table, rows: new Map() };
}

const all = (): string[] => [...org.rows('Routing Strategies').keys()].sort();

describe('listings that lag by two minutes', () => {
  it('are no trouble to whoever comes after that', async () => {
    org = await Evidence.open(lagging());
    org.pauseMs = LAG_MS + 5000;
    await org.mainJob();
  });

  it('lose nothing, and make nothing twice, where the next run comes at once', async () => {
    org = await Evidence.open(lagging());
    await org.ends(0, 'apply', '--yes');
    const there = [all(), org.keys()];
    for (const args of [
      ['apply', '--yes'],
      ['apply', '--yes', '--force', '--adopt'],
    ]) {
      const { code } = await org.strategos(args);
      expect([0, 4, 5, 7]).toContain(code);
      expect([all(), org.keys()]).toEqual(there);
    }
    await org.place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    await org.place.clock.sleep(LAG_MS + 1000);
    await org.ends(0, 'apply', '--yes');
    expect(String(org.row('billing')?.get('spec'))).toContain('"capacity":9');
    await org.place.clock.sleep(LAG_MS + 1000);
    expect((await org.ends(0, 'apply', '--yes')).stdout).toContain('Nothing to do');
    expect([all(), org.keys()]).toEqual(there);
    await org.ends(0, 'audit', 'verify', '--org');
  });

  it('make no run write over what the one before it has just written', async () => {
    org = await Evidence.open(lagging());
    await org.ends(0, 'apply', '--yes');
    await org.place.clock.sleep(LAG_MS + 1000);
    await org.place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    await org.ends(0, 'apply', '--yes');
    // Planned from a listing in which the change is not yet.
    await org.place.edit('strategies/billing.yaml', 'capacity: 9', 'capacity: 10');
    const { code } = await org.strategos(['apply', '--yes']);
    expect([4, 5]).toContain(code);
    expect(String(org.row('billing')?.get('spec'))).toContain('"capacity":9');
    await org.place.clock.sleep(LAG_MS + 1000);
    await org.ends(0, 'apply', '--yes');
    expect(String(org.row('billing')?.get('spec'))).toContain('"capacity":10');
    await org.ends(0, 'audit', 'verify', '--org');
  });
});
