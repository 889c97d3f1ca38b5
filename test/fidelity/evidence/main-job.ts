/** The main job, in an org whose manners are those that public evidence tells of. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { DEMO_ORG } from '../../../src/simulator/demo-org.js';
import type { OrgFile } from '../../../src/simulator/org-file-types.js';
import { Workplace, type Ended } from '../../support/cli.js';
import { startProxy, type Manners, type Proxy } from '../../support/proxy.js';

export class Evidence {
  /** How long to leave the org alone between two commands. */
  pauseMs = 0;

  private constructor(
    readonly place: Workplace,
    readonly proxy: Proxy,
  ) {}

  static async open(manners: Manners, org: OrgFile = DEMO_ORG): Promise<Evidence> {
    const place = await Workplace.open(org, { backend: 'datatable' });
    return new Evidence(place, await startProxy(place.simulator.url, manners));
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.place.close();
  }

  private async pass(): Promise<void> {
    if (this.pauseMs > 0) await this.place.clock.sleep(this.pauseMs);
  }

  /** One command through the proxy. */
  async strategos(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    return this.place.strategos(args, { env: { GENESYS_DOMAIN: this.proxy.url, ...env } });
  }

  /** The same, which ends with this code. */
  async ends(code: number, ...args: readonly string[]): Promise<Ended> {
    const ended = await this.strategos(args);
    expect([args, ended.code, ended.code === code ? '' : ended.stdout + ended.stderr]).toEqual([
      ...[args, code, ''],
    ]);
    return ended;
  }

  /** Cells of a strategy's row; `undefined` where there is none. */
  row(name: string): ReadonlyMap<string, unknown> | undefined {
    return this.rows('Routing Strategies').get(name);
  }

  rows(table: string): Map<string, Map<string, unknown>> {
    const { tables, tableNames } = this.place.simulator.org;
    const found = tables.get(tableNames.get(table) ?? '');
    if (found === undefined) throw new Error(`the org has no data table "${table}"`);
    return found.rows as Map<string, Map<string, unknown>>;
  }

  /** Somebody with a browser changes a row behind our back; the org puts it on its record. */
  async editRow(name: string, cells: object, client = 'admin-ui'): Promise<void> {
    const { tableNames } = this.place.simulator.org;
    const rows = `/api/v2/flows/datatables/${tableNames.get('Routing Strategies') ?? ''}/rows`;
    const row = Object.fromEntries(this.row(name) ?? []);
    const body = { ...row, ...cells };
    await this.place.request('PUT', `${rows}/${encodeURIComponent(name)}`, body, client);
  }

  /** init, validate, a plan in a file, and then the main job. */
  async fromTheStart(): Promise<void> {
    await mkdir(path.join(this.place.dir, 'fresh'));
    await this.ends(0, 'init', 'fresh');
    await this.ends(0, 'validate', '--dir', 'fresh/strategies');
    await this.ends(0, 'plan', '--dir', 'fresh/strategies');
    await this.ends(2, 'plan', '--detailed-exitcode', '--out', 'plan.json');
    await this.mainJob('plan.json');
  }

  /** apply, a second apply, optimize, drift, apply over drift, rollback, delete. */
  async mainJob(...plan: readonly string[]): Promise<void> {
    const first = await this.ends(0, 'apply', ...plan, '--yes');
    expect(first.stdout).toContain('3 created');
    await this.pass();
    const again = await this.ends(0, 'apply', '--yes');
    expect(again.stdout).toContain('Nothing to do');
    await this.ends(0, 'optimize', '--rounds', '1');
    await this.pass();
    await this.editRow('sales', { target_01_priority: 7 });
    await this.pass();
    await this.ends(2, 'drift');
    await this.place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    await this.ends(0, 'apply', '--yes', '--force');
    const spec = (): string => String(this.row('billing')?.get('spec'));
    expect([spec(), this.row('sales')?.get('target_01_priority')]).toEqual([
      ...[expect.stringContaining('"capacity":9'), 1],
    ]);
    await this.pass();
    await this.ends(0, 'rollback', (await this.place.runs()).at(-1) ?? '', '--yes', '--force');
    expect(spec()).toContain('"capacity":8');
    await this.pass();
    await this.place.write('strategies/billing.yaml', '');
    await this.place.write('strategies/overlay-demo.yaml', '');
    await this.ends(0, 'apply', '--yes', '--force');
    expect([...this.rows('Routing Strategies').keys()]).toEqual(['optimized-support']);
    await this.pass();
    await this.ends(0, 'audit', 'verify', '--org');
  }

  /** What of our own is in the org when nothing is being written. */
  keys(): string[] {
    return [...this.rows('Routing Strategies (strategos)').keys()].sort();
  }
}
