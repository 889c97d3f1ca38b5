/** Files that were sound and then were not: cut, bent, spliced with hostile pieces. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordOf, verifyChain, type AuditRecord } from '../../src/core/audit.js';
import { InvalidInput } from '../../src/core/errors.js';
import type { Json } from '../../src/core/json.js';
import { isBounded } from '../../src/core/json.js';
import { planDigest } from '../../src/core/plan.js';
import { sha256 } from '../../src/files/digest.js';
import { readPlanFile } from '../../src/files/plan-file.js';
import { bundle, loadManifests, validateAll } from '../../src/manifest/load.js';
import { planJson } from '../../src/render/json.js';
import { plainStyle } from '../../src/render/style.js';
import { recordText } from '../../src/render/text.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { createFaults } from '../../src/simulator/faults.js';
import { loadFaultsFile } from '../../src/simulator/faults-file.js';
import { loadOrgFile } from '../../src/simulator/org-file.js';
import { createOrg } from '../../src/simulator/org.js';
import { planFor } from '../support/plans.js';

const PIECES = [
  ...['__proto__', '"__proto__":{"x":1},', 'constructor', '\0', '\ud800', '\ufeff', '\r', '\t'],
  ...['[', ']', '{', '}', '"', "'", ':', ',', '-', '---\n', '&a ', '*a', '!!set ', '<<: *a', '#'],
  ...['1e999', '-0', '.nan', '\u001b[2J', '\u202e', '::error::x', '\\u0000', '|', '>', '? ', '%'],
];

/** `text` after a few cuts, insertions and repetitions. */
function bent(text: string): fc.Arbitrary<string> {
  const at = fc.nat(text.length);
  const cut = fc.record({ at, length: fc.nat(40), piece: fc.constantFrom('', ...PIECES) });
  return fc.array(cut, { minLength: 1, maxLength: 6 }).map((cuts) =>
    cuts.reduce((all, one) => {
      return all.slice(0, one.at) + one.piece + all.slice(one.at + one.length);
    }, text),
  );
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc.array(fc.constantFrom(...PIECES, 'a', '1', ' ', '\n', '\n  ')).map((parts) => parts.join('')),
);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const MANIFESTS = `apiVersion: strategos/v1
kind: Environment
metadata: { name: prod }
spec: { host: mypurecloud.com, backend: datatable, guards: { maxDeletes: 10% } }
---
apiVersion: strategos/v1
kind: RoutingStrategy
metadata: { name: support, labels: { team: support } }
spec:
  targets:
    - { queue: &q Support, priority: 1, weight: 1.0, capacity: 10 }
  fallback: { queue: Overflow, priority: 99, weight: 0.1 }
---
apiVersion: strategos/v1
kind: Overlay
metadata: { name: more }
spec:
  environment: prod
  target: { kind: RoutingStrategy, name: support }
  patch: [{ op: replace, path: /spec/targets/0/weight, value: 0.8 }]
`;

const context = { run: '20261125T170000000Z-apply-00000000', actor: 'ada', environment: 'prod' };

function log(): string {
  const records: AuditRecord[] = [];
  const at = '2026-11-25T17:00:00.000Z';
  for (const type of ['run-started', 'planned', 'intent', 'outcome', 'run-ended'] as const) {
    const detail = { step: 'create', exitCode: 0 };
    const previous = records.at(-1) ?? null;
    const entry = { type, address: 'RoutingStrategy/a', detail, after: { name: 'a' } };
    records.push(recordOf(entry, context, previous, at, sha256));
  }
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'strategos-hostile-'));
});
afterAll(() => rm(dir, { recursive: true }));

/** Passes when the promise holds a value or an error that people can act on. */
async function endsWell(work: Promise<unknown>): Promise<void> {
  const problem: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (problem === null) return;
  expect(problem).toBeInstanceOf(InvalidInput);
  expect((problem as InvalidInput).exitCode).toBe(3);
}

describe('no text does harm to the reader of', () => {
  it('manifests', () => {
    fc.assert(
      fc.property(fc.oneof(bent(MANIFESTS), anyText), (text) => {
        const loaded = loadManifests([{ path: 'm.yaml', bytes: bytes(text) }]);
        expect(validateAll(loaded)).toBeInstanceOf(Array);
        const { environment, issues } = bundle(loaded, undefined);
        expect(environment !== null || issues.length > 0).toBe(true);
      }),
      { numRuns: 400 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('a plan, and none is taken that would do anything else', async () => {
    const plan = planFor({ manifests: [], org: [] });
    const whole = planJson(plan);
    const file = path.join(dir, 'plan.json');
    await fc.assert(
      fc.asyncProperty(fc.oneof(bent(whole), anyText), async (text) => {
        await writeFile(file, text);
        await endsWell(
          readPlanFile(file, sha256).then((read) => {
            expect(planDigest(read, sha256)).toBe(plan.digest);
          }),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('an audit log, and a change to it is found', () => {
    const whole = log();
    expect(verifyChain(whole, sha256).problems).toEqual([]);
    fc.assert(
      fc.property(fc.oneof(bent(whole), anyText), (text) => {
        const { records, problems, ended, cut } = verifyChain(text, sha256);
        for (const record of records) recordText(record, plainStyle);
        // Records at the end may be missing, or half a one: then the run has not ended.
        const lines = text.slice(0, text.lastIndexOf('\n') + 1);
        const isBeginning = whole.startsWith(lines) && cut === (lines !== text);
        const intact = isBeginning && (text === whole) === ended;
        expect(problems.length > 0 || intact).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  it('an org file', async () => {
    const whole = JSON.stringify({ ...DEMO_ORG, generate: { queues: 2, users: 3 } });
    await fc.assert(
      fc.asyncProperty(fc.oneof(bent(whole), anyText), async (text) => {
        const read = loadOrgFile({ path: 'org.yaml', bytes: bytes(text) });
        await endsWell(read.then((file) => createOrg(file)));
      }),
      { numRuns: 300 },
    );
  });

  it('a faults file', async () => {
    const rules = ['latency', 'server-error', 'person-edits'].map((fault) => ({
      fault,
      rate: 0.5,
    }));
    await fc.assert(
      fc.asyncProperty(fc.oneof(bent(JSON.stringify({ rules })), anyText), async (text) => {
        const read = loadFaultsFile({ path: 'faults.yaml', bytes: bytes(text) });
        const request = { method: 'GET', path: '/api/v2/x', headers: {}, body: '' };
        await endsWell(read.then((faults) => createFaults(faults, 1).decide(request)));
      }),
      { numRuns: 300 },
    );
  });
});

describe('isBounded', () => {
  function shape(value: Json): { depth: number; values: number } {
    if (typeof value !== 'object' || value === null) return { depth: 0, values: 1 };
    const parts = Object.values(value).map(shape);
    return {
      depth: 1 + Math.max(0, ...parts.map(({ depth }) => depth)),
      values: 1 + parts.reduce((sum, part) => sum + part.values, 0),
    };
  }

  it('knows the depth of JSON, and never less than its values', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const { depth, values } = shape(value as Json);
        const text = JSON.stringify(value);
        expect(isBounded(text, depth, 2 * values)).toBe(true);
        if (depth > 0) expect(isBounded(text, depth - 1, 2 * values)).toBe(false);
        if (values > 2) expect(isBounded(text, depth, Math.floor(values / 2) - 1)).toBe(false);
      }),
    );
  });
});
