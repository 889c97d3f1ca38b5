/** What a plan says that an apply will need, held against what applies really send. */
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/core/errors.js';
import type { Estimate } from '../../src/core/types.js';
import { bindingFor, type Backend } from '../support/binding.js';
import type { Seen } from '../../src/engine/observe.js';
import { makePlan } from '../../src/engine/plan.js';
import type { Planned } from '../../src/engine/planning.js';
import { Run } from '../../src/engine/run.js';
import { sha256 } from '../../src/files/digest.js';
import { openReader, openWriter } from '../../src/genesys/sdk.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { load } from '../support/manifests.js';
import { bench, half, type Bench } from '../support/org.js';
import { BACKEND, OWNER } from '../support/owned.js';
import { manifest, MemoryLog, ORG, weighing } from '../support/reconcile.js';
import { ROWS } from '../support/rows.js';

type Files = Readonly<Record<string, string>>;

const numbered = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const filesOf = (names: readonly string[], of: (name: string) => string): Files =>
  Object.fromEntries(names.map((name) => [`${name}.yaml`, of(name)]));
const made = (name: string): string => manifest(name, 'Alpha');
const moved = (name: string): string => weighing(name, 'Alpha', 0.5);

/** A plan as the command line makes it, with this client. */
async function planned(
  on: Bench,
  files: Files,
  backend: Backend,
  reader: ReturnType<typeof openReader>,
  seen?: Seen,
): Promise<Planned> {
  const environment = JSON.stringify({
    apiVersion: 'strategos/v1',
    kind: 'Environment',
    metadata: { name: 'test' },
    spec: { host: 'http://127.0.0.1:9', backend: backend.name },
  });
  const { environment: where, manifests } = load({ ...files, 'environment.yaml': environment });
  const { events, clock } = on;
  return makePlan(
    { reader, events, clock, hash: sha256 },
    {
      manifests,
      binding: bindingFor(backend),
      owner: OWNER,
      seen,
      environment: { name: 'test', backend: backend.name, host: 'http://127.0.0.1:9' },
      prune: true,
      adopt: false,
      scope: null,
      commit: null,
      version: '0.0.0',
      guards: { ...where.guards, at: () => where.at('/spec') },
    },
  );
}

/** An apply from its login to the release of its lock; the requests that it sent. */
async function apply(on: Bench, files: Files, backend: Backend): Promise<number> {
  const writer = openWriter(on.connection());
  const { clock, events } = on;
  const run = new Run(
    { writer, audit: new MemoryLog(), events, clock, random: half, hash: sha256 },
    {
      binding: bindingFor(backend),
      me: { holder: 'test', host: 'here', command: 'apply', run: 'run', at: '' },
      patienceMs: 0,
      activationTimeoutMs: 30_000,
      plan: async (known) => planned(on, files, backend, writer, known),
      leftOpen: () => Promise.resolve([]),
      isGone: () => Promise.resolve(false),
    },
  );
  const seen = await run.plan();
  const confirm = ({ plan }: Planned): Planned['plan'] => plan;
  const done = await run.carryOut({ planned: seen, confirm, interrupted: () => false });
  await run.end();
  expect(done.exitCode).toBe(EXIT.done);
  return writer.requests();
}

interface Compared {
  readonly estimate: Estimate | undefined;
  readonly sent: number;
}

/** The estimate of a plan for `files`, and what the apply then sent. */
async function compared(on: Bench, files: Files, backend: Backend): Promise<Compared> {
  const { plan } = await planned(on, files, backend, openReader(on.connection()));
  return { estimate: plan.estimate, sent: await apply(on, files, backend) };
}

function expectNear({ estimate, sent }: Compared): void {
  const { requests = 0 } = estimate ?? {};
  const off = Math.abs(requests - sent);
  expect(off, `about ${requests}, sent ${sent}`).toBeLessThanOrEqual(Math.max(3, sent * 0.15));
}

const BACKENDS: readonly (readonly [string, Backend])[] = [
  ['strategies-api', BACKEND],
  ['datatable', ROWS],
];
const SIZES = [1, 5, 40, 150];

describe.each(BACKENDS)('the estimate of %s', (_name, backend) => {
  it.each(SIZES)('for %d creates in an org without tables', async (count) => {
    expectNear(await compared(bench(ORG), filesOf(numbered(count, 'n'), made), backend));
  });

  it.each(SIZES)('for %d creates, updates and deletes', async (count) => {
    const on = bench(ORG);
    const before = filesOf([...numbered(count, 'old'), ...numbered(count, 'kept')], made);
    await apply(on, before, backend);
    expectNear(
      await compared(on, { ...before, ...filesOf(numbered(count, 'new'), made) }, backend),
    );
    const news = filesOf(numbered(count, 'new'), made);
    const updates = filesOf(numbered(count, 'kept'), moved);
    expectNear(
      await compared(
        on,
        { ...news, ...filesOf(numbered(count, 'old'), made), ...updates },
        backend,
      ),
    );
    expectNear(await compared(on, { ...news, ...updates }, backend));
  });

  it.each([1, 40])('for %d of each at once', async (count) => {
    const on = bench(ORG);
    await apply(
      on,
      filesOf([...numbered(count, 'old'), ...numbered(count, 'kept')], made),
      backend,
    );
    const files = {
      ...filesOf(numbered(count, 'new'), made),
      ...filesOf(numbered(count, 'kept'), moved),
    };
    expectNear(await compared(on, files, backend));
  });

  it('is absent where there is nothing to do', async () => {
    const on = bench(ORG);
    const files = filesOf(['a', 'b'], made);
    await apply(on, files, backend);
    expect((await compared(on, files, backend)).estimate).toBeUndefined();
  });

  it('under the rate limit counts the checks that are asked for again every minute', async () => {
    const on = bench(STAFFED, 300);
    const files = filesOf(numbered(150, 'n'), (name) => manifest(name, 'Queue 0001', SKILLED));
    const { estimate, sent } = await compared(on, files, backend);
    expect(estimate?.perMinute).toBe(210);
    expectNear({ estimate, sent });
  });
});

const STAFFED: OrgFile = {
  organization: { name: 'Staffed' },
  generate: { queues: 30, users: 60, skills: 5, membersPerQueue: 10, skillsPerUser: 3 },
};
const SKILLED = {
  selection: { skills: [{ skill: 'Skill 001', required: true }] },
  checks: { skills: 'warn', capacity: 'warn' },
};
