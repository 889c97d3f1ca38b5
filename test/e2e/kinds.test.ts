/** Skills, languages and wrap-up codes on the command line, beside the strategies that name them. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { Workplace, type OpenOptions } from '../support/cli.js';
import { SKILL } from '../support/many.js';

let place: Workplace;

afterEach(() => place.close());

async function opened(over: OrgFile = {}, options: OpenOptions = {}): Promise<Workplace> {
  place = await Workplace.open({ ...DEMO_ORG, ...over }, { backend: 'datatable', ...options });
  return place;
}

const remove = async (file: string): Promise<void> => rm(path.join(place.dir, 'strategies', file));

describe('the delete of a skill that a flow uses', () => {
  const flows = [{ name: 'Main IVR', version: '12.0', uses: { skills: ['Refunds'] } }];
  const used = 'Skill/Refunds is used by flow "Main IVR" (version 12.0)';

  it('is refused with the name of the flow, and goes with --force', async () => {
    await opened({ flows });
    // Five of them: one that goes is no mass deletion.
    for (const name of ['a', 'b', 'c', 'd'])
      await place.write(`strategies/${name}.yaml`, SKILL(name));
    await place.write('strategies/refunds.yaml', SKILL('Refunds'));
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    await remove('refunds.yaml');
    const planned = await place.strategos(['plan']);
    expect([planned.code, planned.stdout]).toEqual([0, expect.stringContaining(used)]);
    const refused = await place.strategos(['apply', '--yes']);
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining(used)]);
    expect(refused.stderr).toContain('pass --force or take it out of what uses it');
    const forced = await place.strategos(['apply', '--yes', '--force']);
    expect([forced.code, forced.stderr]).toEqual([0, expect.stringContaining(`forced: ${used}`)]);
    const [run = ''] = (await place.runs()).slice(-1);
    expect((await place.strategos(['audit', 'show', run])).stdout).toContain('forced');
  });

  it('is refused as well where the flow took it up after the plan was made', async () => {
    await opened();
    for (const name of ['a', 'b', 'c', 'd'])
      await place.write(`strategies/${name}.yaml`, SKILL(name));
    await place.write('strategies/refunds.yaml', SKILL('Refunds'));
    await place.strategos(['apply', '--yes']);
    await remove('refunds.yaml');
    expect((await place.strategos(['plan', '--out', 'plan.json'])).code).toBe(0);
    const uses = { skills: ['Refunds'], languages: [], wrapupCodes: [], queues: [], tables: [] };
    const flow = { id: 'f', name: 'Main IVR', version: '12.0', type: 'INBOUNDCALLFLOW', uses };
    place.simulator.org.flows.push(flow);
    const refused = await place.strategos(['apply', 'plan.json', '--yes']);
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining(used)]);
    const forced = await place.strategos(['apply', 'plan.json', '--yes', '--force']);
    expect([forced.code, forced.stderr]).toEqual([0, expect.stringContaining(`forced: ${used}`)]);
  });

  it('is said not to be known where the permission is missing', async () => {
    const [demo, planner, ...others] = DEMO_ORG.clients ?? [];
    const permissions = planner?.permissions?.filter((one) => !one.includes('dependency')) ?? [];
    const blind = { id: 'planner', secret: 'planner', permissions };
    await opened({ flows, clients: [demo!, blind, ...others] });
    for (const name of ['a', 'b', 'c', 'd'])
      await place.write(`strategies/${name}.yaml`, SKILL(name));
    await place.write('strategies/refunds.yaml', SKILL('Refunds'));
    await place.strategos(['apply', '--yes']);
    await remove('refunds.yaml');
    const env = { GENESYS_CLIENT_ID: 'planner', GENESYS_CLIENT_SECRET: 'planner' };
    const said = async (...more: string[]): Promise<string> => {
      const { code, stdout } = await place.strategos(['plan', ...more], { env });
      expect(code).toBe(0);
      return stdout;
    };
    const why =
      /whether any flow uses Skill\/Refunds is not known: .*403.*architect:dependencyTracking:view/;
    expect(await said()).toMatch(why);
    expect((await said('--format', 'markdown')).replaceAll('&#8203;', '')).toMatch(why);
    expect(await said('--format', 'html')).toContain('whether any flow uses Skill/Refunds');
    const { changes } = JSON.parse(await said('--format', 'json')) as {
      changes: { consumers: object }[];
    };
    expect(changes[0]?.consumers).toEqual({
      unread: { message: expect.stringContaining('architect:dependencyTracking:view') },
    });
  });
});

describe('another backend in the Environment', () => {
  it('keeps skills ours: nothing is adopted, their records are moved, logs verify', async () => {
    await opened();
    await place.write('strategies/refunds.yaml', SKILL('Refunds'));
    await place.strategos(['apply', '--yes']);
    await place.edit(
      'strategies/environment.yaml',
      'backend: datatable',
      'backend: strategies-api',
    );
    const planned = await place.strategos(['plan']);
    expect(planned.stdout).toContain('brings 1 record of what is ours up to date');
    expect(planned.stdout).toContain('3 live strategies of ours stay behind');
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    const { tables, tableNames } = place.simulator.org;
    const keysIn = (name: string): string[] => [
      ...(tables.get(tableNames.get(name) ?? '')?.rows.keys() ?? []),
    ];
    expect(keysIn('Routing Strategies API (strategos)')).toContain('Skill~Refunds');
    expect(keysIn('Routing Strategies (strategos)')).not.toContain('Skill~Refunds');
    expect((await place.strategos(['apply', '--yes'])).stdout).toContain('Nothing to do');
    expect((await place.strategos(['audit', 'verify', '--org'])).code).toBe(0);
    // And back: nothing is lost on the way.
    await place.edit(
      'strategies/environment.yaml',
      'backend: strategies-api',
      'backend: datatable',
    );
    const back = await place.strategos(['apply', '--yes']);
    expect([back.code, keysIn('Routing Strategies (strategos)')]).toEqual([
      0,
      expect.arrayContaining(['Skill~Refunds']),
    ]);
    expect((await place.strategos(['drift'])).code).toBe(0);
  });
});
