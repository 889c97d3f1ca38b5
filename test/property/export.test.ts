/** export ∘ load is the identity: whatever an org holds, a plan of its export is empty. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { observe } from '../../src/engine/observe.js';
import { makePlan } from '../../src/engine/plan.js';
import { sha256 } from '../../src/files/digest.js';
import { stringify } from 'yaml';
import { exported } from '../../src/manifest/exported.js';
import { bundle, loadManifests } from '../../src/manifest/load.js';
import { documentText, sayAll } from '../../src/manifest/write.js';
import { writeManifests } from '../support/written.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import type { OrgFileStrategy } from '../../src/simulator/org-file-types.js';
import { load } from '../support/manifests.js';
import { bindingFor } from '../support/binding.js';
import { bench } from '../support/org.js';
import { BACKEND, own, OWNER } from '../support/owned.js';
import { oddName } from '../support/odd-name.js';

const QUEUES = (DEMO_ORG.queues ?? []).map(({ name }) => name);
const SKILLS = DEMO_ORG.skills ?? [];

/** As in the org: a weight is any finite number that is not negative, not all of them zero. */
const weight = fc.oneof(
  fc.constantFrom(0, 0.1, 1, 1e-7, 12345.678),
  fc.double({ min: 0, max: 100, noNaN: true }),
);
const amounts = { priority: fc.integer({ min: 1, max: 5 }), weight };

const strategy = fc
  .record({
    queues: fc.shuffledSubarray(QUEUES, { minLength: 2, maxLength: 6 }),
    amounts: fc.array(fc.record({ ...amounts, capacity: fc.integer({ min: 1, max: 99 }) }), {
      minLength: 6,
      maxLength: 6,
    }),
    skills: fc.subarray([...SKILLS]),
    required: fc.boolean(),
    status: fc.constantFrom('active', 'draft', 'failed'),
    fallback: fc.option(fc.record(amounts)),
  })
  .filter(({ queues, amounts }) =>
    amounts.slice(0, queues.length - 1).some((one) => one.weight > 0),
  )
  .map(({ queues: [last, ...queues], amounts, skills, required, status, fallback }) => ({
    status,
    ...(status === 'failed' ? { errorMessage: 'a queue was disabled' } : {}),
    selectionCriteria: { skills: skills.map((skill) => ({ skill, required })) },
    targets: queues.map((queue, at) => ({ queue, ...amounts[at] })),
    ...(fallback === null ? {} : { fallback: { queue: { queue: last, ...fallback } } }),
  }));

it('holds for generated orgs', async () => {
  const strategies = fc.uniqueArray(fc.tuple(oddName, strategy), { selector: ([one]) => one });
  await fc.assert(
    fc.asyncProperty(strategies, async (generated) => {
      const made = generated.map(([name, rest]) => ({ name, ...rest }));
      const org = bench({ ...DEMO_ORG, strategies: made as unknown as OrgFileStrategy[] });
      const reader = org.reader();
      own(org.org);
      const { live } = await observe(reader, bindingFor(BACKEND), sha256);
      expect(live).toHaveLength(generated.length);
      const files = writeManifests(live, 'strategies-api').manifests.map(({ file, text }) => [
        file,
        text,
      ]);
      const { environment, manifests, issues } = load({
        'environment.yaml': documentText({
          apiVersion: 'strategos/v1',
          kind: 'Environment',
          metadata: { name: 'org' },
          spec: { backend: 'strategies-api', prune: true },
        }),
        ...(Object.fromEntries(files) as Record<string, string>),
      });
      expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
      const { plan } = await makePlan(
        { reader, events: org.events, clock: org.clock, hash: sha256 },
        {
          manifests,
          binding: bindingFor(BACKEND),
          prune: true,
          adopt: false,
          scope: null,
          commit: null,
          environment: { name: 'org', backend: 'strategies-api', host: 'simulator' },
          guards: { ...environment.guards, at: () => environment.at('') },
          owner: OWNER,
          version: '0.0.0',
        },
      );
      expect(plan.changes).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

/** As people write: blocks, brackets, comments, other indents, several documents a file. */
const STYLES: readonly ((body: object) => string)[] = [
  (body) => documentText(body as never),
  (body) => stringify(body, { indent: 4, lineWidth: 0 }).replace(/^spec:/m, '# why\nspec: # here'),
  (body) => stringify(body, { indentSeq: false, lineWidth: 0 }),
  (body) => `${JSON.stringify(body)}\n`,
];
const ENVIRONMENT = documentText({
  apiVersion: 'strategos/v1',
  kind: 'Environment',
  metadata: { name: 'org' },
  spec: { backend: 'strategies-api' },
});

it('amends manifests of another state to the one that is, and a second time nothing', async () => {
  const both = fc.uniqueArray(fc.tuple(oddName, strategy, strategy), {
    selector: ([one]) => one,
    minLength: 1,
    maxLength: 4,
  });
  const style = fc.integer({ min: 0, max: STYLES.length - 1 });
  await fc.assert(
    fc.asyncProperty(both, style, fc.boolean(), async (generated, styled, isOneFile) => {
      const [before, after] = await Promise.all(
        [1, 2].map(async (at) => {
          const strategies = generated.map((one) => ({ name: one[0], ...(one[at] as object) }));
          const file = { ...DEMO_ORG, strategies: strategies as unknown as OrgFileStrategy[] };
          return observe(bench(file).reader(), bindingFor(BACKEND), sha256);
        }),
      );
      const texts = sayAll(before!.live, 'strategies-api').said.map(({ body }) =>
        STYLES[styled]!(body),
      );
      const files = isOneFile ? [texts.join('---\n')] : texts;
      const sources = [ENVIRONMENT, ...files].map((text, at) => ({
        path: `${at}.yaml`,
        bytes: new TextEncoder().encode(text),
      }));
      const { said } = sayAll(after!.live, 'strategies-api');
      const exporting = (folder: typeof sources): ReturnType<typeof exported> =>
        exported({
          said,
          there: { sources: folder, loaded: loadManifests(folder) },
          elsewhere: { sources: [], ...loadManifests([]) },
          environment: bundle(loadManifests(folder), undefined).environment!,
          catalog: after!.catalog,
          gone: new Set(),
          place: (_kind, file) => ({ path: file, comment: '' }),
        });
      const first = exporting(sources);
      expect(first.left).toEqual([]);
      expect(first.files.filter(({ isNew }) => isNew)).toEqual([]);
      const now = new Map(first.files.map(({ path, text }) => [path, text]));
      const changed = sources.map((one) => ({
        path: one.path,
        bytes: new TextEncoder().encode(now.get(one.path) ?? new TextDecoder().decode(one.bytes)),
      }));
      expect(loadManifests(changed).issues).toEqual([]);
      expect(exporting(changed).files.map(({ text }) => text)).toEqual([...now.values()]);
      // What is there says the same as what would be written anew.
      const meant = loadManifests(changed).documents.filter(({ kind }) => kind !== 'Environment');
      expect(meant.length).toBe(said.length);
    }),
    { numRuns: 60 },
  );
});
