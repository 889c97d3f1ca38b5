/** A doctor in this process, at a simulated org with manners of its own, time under control. */
import { checksOf } from '../../src/doctor/checks.js';
import { Bench } from '../../src/engine/doctor/bench.js';
import { OwnTable } from '../../src/engine/doctor/own-table.js';
import { lookAt } from '../../src/engine/doctor/reading.js';
import { tryOut } from '../../src/engine/doctor/trial.js';
import { LISTED_WITHIN_MS } from '../../src/engine/observe.js';
import { openWriter } from '../../src/genesys/sdk.js';
import type { Exchange } from '../../src/genesys/transport.js';
import type { OrgCheck, OrgObserved } from '../../src/generated/types.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { answer, createOrg, type Org } from '../../src/simulator/org.js';
import type { AuditLog } from '../../src/engine/ports.js';
import { arriving, half, inMemory, Recorder, VirtualClock } from './org.js';

export interface Examined {
  readonly org: Org;
  readonly observed: OrgObserved;
  readonly checks: OrgCheck[];
  readonly own: OwnTable;
}

/** Keeps nothing: what is on record is tested elsewhere. */
const NO_LOG = { append: async () => Promise.resolve({}), last: () => null } as unknown as AuditLog;

export const RUN = '20260302T090000000Z-doctor-00000000';

/** What a doctor --write observes of an org that behaves like this. */
export async function examined(
  manners: OrgObserved,
  backend = 'datatable',
  around: (exchange: Exchange, org: Org) => Exchange = (exchange) => exchange,
): Promise<Examined> {
  const org = createOrg(DEMO_ORG, { manners });
  const clock = new VirtualClock();
  const events = new Recorder();
  // What differs from the platform by its manners is not to be held against the platform's types.
  const isUsual = Object.keys(manners).length === 0;
  const exchange: Exchange = isUsual
    ? inMemory(org, clock)
    : (sent) => Promise.resolve(answer(org, arriving(sent), clock.now()));
  const client = openWriter({
    host: 'http://127.0.0.1:9',
    clientId: 'demo',
    clientSecret: 'demo',
    userAgent: 'strategos/test',
    clock,
    random: half,
    events,
    exchange: around(exchange, org),
  });
  const bench = new Bench({ examiner: client, clock, events });
  const tables = ['Routing Strategies', 'Routing Strategies (strategos)'];
  await lookAt(bench, { tables, nowMs: clock.now() });
  const own = new OwnTable(bench, NO_LOG, RUN);
  if (bench.observed.login?.status === 200) await tryOut(own, backend);
  const place = { backend, listedWithinMs: LISTED_WITHIN_MS, mode: 'write' } as const;
  const checks = checksOf(bench.observed, bench.gaps, place);
  return { org, observed: bench.observed, checks, own };
}

/** Ids and verdicts, as `copes`, `does not cope`, `cannot tell`, of all that does not hold. */
export function notHolding(checks: readonly OrgCheck[]): Record<string, string> {
  return Object.fromEntries(
    checks
      .filter(({ verdict }) => verdict !== 'holds')
      .map(({ id, verdict, copes, because }) => [
        id,
        verdict === 'differs' ? (copes === true ? 'copes' : 'does not cope') : `${because}`,
      ]),
  );
}
