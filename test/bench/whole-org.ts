/**
 * A whole org by strategos and by the Terraform provider. What strategos sends is counted: the command
 * line in this process, over HTTP. What the provider sends is a model (`provider.ts`). The time of both
 * is what as many reads take of the simulator in virtual time.
 */
import { answer, createOrg, type Org } from '../../src/simulator/org.js';
import { VirtualTime } from '../simulation/time.js';
import { START_MS } from '../support/org.js';
import { Scene } from '../support/scene.js';
import type { Figure } from './figures.js';
import {
  EXPORT_WAIT_MS,
  exportLists,
  exportReads,
  refreshPieces,
  type Contents,
  type Pieces,
} from './provider.js';
import { Client } from './rivals.js';

const ORG: Contents = {
  queues: 200,
  membersEach: 30,
  codesEach: 5,
  skills: 20,
  languages: 5,
  codes: 50,
  schedules: 20,
  scheduleGroups: 5,
  tables: 5,
  rowsEach: 200,
};
const USERS = 2000;
const LATENCY_MS = 40;
const LIMIT = 300;
/** Of both: requests that are under way at once. */
const PARALLEL = 10;
/** Of the provider's pool, unless somebody says otherwise: `token_pool_size`. */
const TOKENS = 10;
/** Of the provider: one before the pool, and the organization twice. */
const BEFORE = 3;
const PART =
  `A whole org: ${ORG.queues} queues of ${ORG.membersEach} members and ${ORG.codesEach} codes, ` +
  `${ORG.skills} skills, ${ORG.languages} languages, ${ORG.codes} codes, ${ORG.schedules} schedules ` +
  `in ${ORG.scheduleGroups} groups, ${ORG.tables} tables of ${ORG.rowsEach} rows; ` +
  `${LATENCY_MS} ms a request, ${LIMIT} requests a minute and token`;

export async function wholeOrgFigures(): Promise<Figure[]> {
  const ours = await counted();
  const figures: Figure[] = [];
  for (const command of ['plan', 'export'] as const) {
    const sent = ours[command];
    const work = command === 'plan' ? [refreshPieces(ORG)] : [exportLists(ORG), exportReads(ORG)];
    const waitMs = command === 'plan' ? 0 : EXPORT_WAIT_MS;
    const requests = work.flat().reduce((total, one) => total + one, 0) + BEFORE;
    const minutes = await minutesOf([Array.from({ length: sent - 1 }, () => 1)], 1, 0);
    figures.push(...rows(`${command}: strategos, counted`, sent, minutes));
    for (const tokens of [1, TOKENS]) {
      const taken = await minutesOf(work, tokens, waitMs);
      const pool = tokens === 1 ? '1 token' : `${tokens} tokens`;
      const name = `${command}: Terraform, a model, ${pool}`;
      figures.push(...rows(name, requests + tokens, taken, { requests: sent, minutes }));
    }
  }
  return figures;
}

function rows(
  name: string,
  requests: number,
  minutes: number,
  ours?: { readonly requests: number; readonly minutes: number },
): Figure[] {
  const held = (value: number): Pick<Figure, 'against'> =>
    ours === undefined ? {} : { against: { name: 'strategos', value } };
  return [
    { part: PART, name, value: requests, unit: 'requests', ...held(ours?.requests ?? 0) },
    { part: PART, name, value: minutes, unit: 'min', ...held(ours?.minutes ?? 0) },
  ];
}

/** Stages one after the other, the pieces of each side by side; whoever is refused waits. */
async function minutesOf(stages: readonly Pieces[], tokens: number, waitMs: number) {
  const org = createOrg({ generate: { queues: 1, users: 1 } }, { rateLimitPerMinute: LIMIT });
  const time = new VirtualTime(START_MS);
  const work = async (): Promise<void> => {
    const clients = Array.from({ length: tokens }, () => new Client(org, time, LATENCY_MS));
    for (const client of clients) await client.logIn();
    if (waitMs > 0) await time.sleep(waitMs);
    for (const stage of stages) {
      const waiting = stage.values();
      await Promise.all(
        Array.from({ length: PARALLEL }, async (_, worker) => {
          const client = clients[worker % clients.length];
          for (const count of waiting) {
            for (let sent = 0; sent < count; sent += 1) {
              await client?.get('/api/v2/organizations/me');
            }
          }
        }),
      );
    }
  };
  await time.until(work());
  return (time.now() - START_MS) / 60_000;
}

/** Everything is written as manifests, and a plan of all of them finds nothing to do. */
async function counted(): Promise<{ readonly plan: number; readonly export: number }> {
  const { queues, skills, membersEach } = ORG;
  const size = { strategies: 0, queues, users: USERS, skills, membersPerQueue: membersEach };
  const scene = await Scene.open(size);
  try {
    furnish(scene.simulator.org);
    const parts = ['--all', '--members', '--with', 'wrapupCodes', 'rows'];
    const exported = await scene.strategos('export', ...parts, '--out', 'strategies');
    const planned = await scene.strategos('plan');
    const isEmpty = planned.out.includes('0 to create, 0 to change, 0 to delete, 0 to adopt');
    if (exported.code !== 0 || planned.code !== 0 || !isEmpty) {
      throw new Error(`${exported.err}${planned.err}${planned.out}`);
    }
    return { plan: planned.sent.length, export: exported.sent.length };
  } finally {
    await scene.close();
  }
}

/** What generated orgs have not. */
function furnish(org: Org): void {
  const send = sender(org);
  const many = (count: number, at: string, body: (n: number) => object): string[] =>
    Array.from({ length: count }, (_, n) => send(at, body(n)));
  const codes = many(ORG.codes, 'routing/wrapupcodes', (n) => ({ name: `Code ${n}` }));
  many(ORG.languages, 'routing/languages', (n) => ({ name: `Language ${n}` }));
  const schedules = many(ORG.schedules, 'architect/schedules', (n) => ({
    name: `Schedule ${n}`,
    start: '2026-01-05T08:00:00.000',
    end: '2026-01-05T18:00:00.000',
    rrule: 'FREQ=WEEKLY;BYDAY=MO',
  }));
  many(ORG.scheduleGroups, 'architect/schedulegroups', (n) => ({
    name: `Group ${n}`,
    openSchedules: [{ id: schedules[n] }],
  }));
  [...org.queues.keys()].forEach((id, at) => {
    const own = Array.from({ length: ORG.codesEach }, (_, n) => codes[(at + n) % codes.length]);
    send(
      `routing/queues/${id}/wrapupcodes`,
      own.map((code) => ({ id: code })),
    );
  });
  const key = { title: 'key', type: 'string', $id: '/properties/key', displayOrder: 0 };
  const site = { title: 'site', type: 'string', $id: '/properties/site', displayOrder: 1 };
  const schema = { type: 'object', required: ['key'], additionalProperties: false };
  const tables = many(ORG.tables, 'flows/datatables', (n) => ({
    name: `Table ${n}`,
    schema: { ...schema, properties: { key, site } },
  }));
  for (const table of tables) {
    many(ORG.rowsEach, `flows/datatables/${table}/rows`, (n) => ({ key: `k${n}`, site: 'here' }));
  }
}

/** The id of what is made. */
function sender(org: Org): (at: string, body: object) => string {
  const ask = (path: string, body: string, headers: Readonly<Record<string, string>>): string => {
    const made = answer(org, { method: 'POST', path, headers, body }, START_MS);
    if (made.status >= 300) throw new Error(`POST ${path} answered ${made.status}: ${made.body}`);
    return made.body;
  };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const authorization = `Basic ${Buffer.from('demo:demo').toString('base64')}`;
  const granted = ask('/oauth/token', 'grant_type=client_credentials', { ...form, authorization });
  const { access_token } = JSON.parse(granted) as { access_token: string };
  const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' };
  return (at, body) =>
    (JSON.parse(ask(`/api/v2/${at}`, JSON.stringify(body), headers)) as { id?: string }).id ?? '';
}
