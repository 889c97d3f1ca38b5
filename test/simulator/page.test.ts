/** What docs/simulator.md has to copy is what the simulator and `validate` take. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadManifests, validateAll } from '../../src/manifest/load.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { loadFaultsFile } from '../../src/simulator/faults-file.js';
import { loadOrgFile } from '../../src/simulator/org-file.js';

const PAGE = readFileSync(new URL('../../docs/simulator.md', import.meta.url), 'utf8');
const files = [...PAGE.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => ({
  path: 'copied.yaml',
  bytes: Buffer.from(text),
}));

it('has a strategy, an org and faults', async () => {
  const [strategy, org, faults, ...others] = files;
  expect(others).toEqual([]);
  if (!strategy || !org || !faults) throw new Error('something is not there');
  const issues = validateAll(loadManifests([strategy]));
  expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  const queues = (DEMO_ORG.queues ?? []).map(({ name }) => name);
  const named = [...strategy.bytes.toString().matchAll(/queue: ([^,]+),/g)];
  expect(named.map(([, name]) => queues.includes(name ?? ''))).toEqual([true, true]);
  expect((await loadOrgFile(org)).queues).toHaveLength(2);
  expect((await loadFaultsFile(faults)).rules).toHaveLength(4);
});

it('names the clients of the org that it speaks of', () => {
  const named = [...PAGE.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, id]) => id);
  expect(named).toEqual((DEMO_ORG.clients ?? []).map(({ id }) => id));
  expect(PAGE).toContain("btoa('admin-ui:admin-ui')");
});
