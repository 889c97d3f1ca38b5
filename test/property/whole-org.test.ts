/**
 * An org of every kind, as people have made it through the API: its export says it whole. A plan of
 * that is empty, an apply into an empty org makes the same org again, and a comparison finds nothing.
 *
 * `WHOLE_ORG_QUEUES=200` makes orgs of so many queues.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { across } from '../../src/core/across.js';
import { textOf, type JsonObject } from '../../src/core/json.js';
import { kindsByName } from '../../src/core/kind.js';
import { bind } from '../../src/engine/bind.js';
import { observe, type Observation } from '../../src/engine/observe.js';
import { sha256 } from '../../src/files/digest.js';
import { reconciledKinds } from '../../src/kinds/index.js';
import { writeManifests } from '../support/written.js';
import { bench, type Bench } from '../support/org.js';
import { many } from '../support/many.js';
import { oddName } from '../support/odd-name.js';

const QUEUES = Number(process.env['WHOLE_ORG_QUEUES'] ?? 3);
const RUNS = { numRuns: QUEUES > 10 ? 2 : 12 };
const USERS = Array.from({ length: QUEUES + 3 }, (_, n) => ({ name: `User ${n}` }));
const CLIENTS = ['demo', 'person'].map((id) => ({ id, secret: id }));
const PARTS = new Set(['members', 'wrapupCodes', 'rows', 'memberDivisions']);

/** Names that differ in more than their case, of so many. */
const names = (minLength: number, maxLength = minLength + 3): fc.Arbitrary<string[]> =>
  fc.uniqueArray(oddName, {
    minLength,
    maxLength,
    selector: (one) => one.normalize('NFKC').toLowerCase(),
  });

const text = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .map((one) => one.replace(/\p{C}/gu, ''));
const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(of, { nil: undefined });
/** One of so many, whatever number they are. */
const pick = fc.nat({ max: 999 });

const schedule = fc.record({
  rrule: fc.constantFrom('', 'FREQ=DAILY', 'FREQ=WEEKLY;BYDAY=MO,TU', 'FREQ=MONTHLY;BYMONTHDAY=5'),
  end: fc.constantFrom('2026-01-05T18:00:00.000', '2026-01-06T02:30:00.000'),
});
const medium = fc.record(
  {
    alertingTimeoutSeconds: fc.integer({ min: 7, max: 300 }),
    enableAutoAnswer: fc.boolean(),
    serviceLevel: fc.record({
      percentage: fc.constantFrom(0, 0.5, 0.8, 1),
      durationMs: fc.integer({ min: 1000, max: 90_000 }),
    }),
  },
  { requiredKeys: [] },
);
const term = fc.record({
  comparator: fc.constantFrom('EqualTo', 'GreaterThanOrEqualTo', 'NotEqualTo'),
  proficiency: fc.integer({ min: 0, max: 5 }),
  at: pick,
});
const queue = fc.record({
  description: maybe(text),
  mediaSettings: maybe(fc.record({ call: medium, email: medium }, { requiredKeys: [] })),
  scoringMethod: maybe(fc.constantFrom('TimestampAndPriority', 'PriorityOnly')),
  skillEvaluationMethod: maybe(fc.constantFrom('NONE', 'BEST', 'ALL')),
  autoAnswerOnly: maybe(fc.boolean()),
  enableTranscription: maybe(fc.boolean()),
  callingPartyName: maybe(text),
  acwSettings: maybe(fc.constantFrom({ wrapupPrompt: 'OPTIONAL' }, { timeoutMs: 30_000 })),
  rings: fc.array(fc.record({ threshold: fc.nat({ max: 600 }), at: fc.array(pick) }), {
    maxLength: 6,
  }),
  backup: maybe(pick),
  codes: fc.uniqueArray(pick, { maxLength: 3 }),
  members: fc.uniqueArray(pick, { maxLength: 4 }),
});

const org = fc.record({
  skills: names(1),
  languages: names(1),
  codes: names(1),
  codeTexts: fc.array(maybe(text), { minLength: 4, maxLength: 4 }),
  schedules: names(1),
  times: fc.array(schedule, { minLength: 4, maxLength: 4 }),
  scheduleGroups: names(0),
  zone: maybe(fc.constantFrom('Europe/Berlin', 'Asia/Calcutta')),
  emergencies: names(0),
  tables: names(0, 2),
  // No second column has the name by which the platform knows the first.
  columns: names(2, 5).filter((all) => !all.includes('key')),
  rows: fc.uniqueArray(oddName, { maxLength: 4 }),
  skillGroups: names(0, 2),
  conditions: fc.array(
    fc.record({
      operation: fc.constantFrom('And', 'Or', 'Not'),
      skills: fc.array(term, { minLength: 1, maxLength: 3 }),
      languages: fc.array(term, { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  queues: names(QUEUES > 10 ? QUEUES : 1, QUEUES),
  settings: fc.array(queue, { minLength: QUEUES, maxLength: QUEUES }),
});
type Generated = typeof org extends fc.Arbitrary<infer T> ? T : never;

function empty(): Bench {
  return bench({ clients: CLIENTS, users: USERS });
}

/** What people make of it, one request after the other. */
async function made(of: Generated): Promise<Bench> {
  const on = empty();
  const writer = on.writer('person');
  const post = async (path: string, body: object | readonly object[]): Promise<string> => {
    const answer = await writer.send({
      method: 'POST',
      path: `/api/v2/${path}`,
      body: body as never,
    });
    return textOf(answer.body?.['id']);
  };
  const all = async (path: string, bodies: readonly object[]): Promise<string[]> => {
    const ids: string[] = [];
    for (const body of bodies) ids.push(await post(path, body));
    return ids;
  };
  const skills = await all(
    'routing/skills',
    of.skills.map((one) => ({ name: one })),
  );
  await all(
    'routing/languages',
    of.languages.map((one) => ({ name: one })),
  );
  const codes = await all(
    'routing/wrapupcodes',
    of.codes.map((one, n) => ({ name: one, ...said({ description: of.codeTexts[n] }) })),
  );
  const schedules = await all(
    'architect/schedules',
    of.schedules.map((one, n) => ({ name: one, start: '2026-01-05T08:00:00.000', ...of.times[n] })),
  );
  const openSchedules = schedules.map((id) => ({ id }));
  const zone = said({ timeZone: of.zone });
  await all(
    'architect/schedulegroups',
    of.scheduleGroups.map((one) => ({ name: one, openSchedules, ...zone })),
  );
  await all(
    'architect/emergencygroups',
    of.emergencies.map((one) => ({ name: one })),
  );
  await all(
    'flows/datatables',
    of.tables.map((one) => tableOf(one, of.columns)),
  );
  await all(
    'routing/skillgroups',
    of.skillGroups.map((one) => skillGroupOf(one, of)),
  );
  const queues: { id: string; written: object; backup: number | undefined }[] = [];
  for (const [n, one] of of.queues.entries()) {
    const { codes: own, members, rings, backup, ...settings } = of.settings[n] ?? of.settings[0]!;
    const written = {
      name: one,
      ...said(settings),
      ...(rings.length < 2
        ? {}
        : { bullseye: { rings: rings.map((ring) => ringOf(ring, skills)) } }),
    };
    const id = await post('routing/queues', written);
    queues.push({ id, written, backup });
    const listed = [...new Set(own.map((at) => codes[at % codes.length]))];
    if (listed.length > 0)
      await post(
        `routing/queues/${id}/wrapupcodes`,
        listed.map((code) => ({ id: code })),
      );
    const people = [...on.org.users.keys()];
    const users = [...new Set(members.map((at) => people[at % people.length]))];
    if (users.length > 0)
      await post(
        `routing/queues/${id}/members`,
        users.map((user) => ({ id: user })),
      );
  }
  // Any of them, itself as well: circles of every length come up.
  for (const { id, written, backup } of queues) {
    if (backup === undefined) continue;
    const backupQueueId = queues[backup % queues.length]?.id ?? '';
    const body = { ...written, directRouting: { backupQueueId, agentWaitSeconds: 60 } };
    await writer.send({ method: 'PUT', path: `/api/v2/routing/queues/${id}`, body });
  }
  return on;
}

function said(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function tableOf(table: string, columns: readonly string[]): object {
  const types = ['string', 'boolean', 'integer', 'number'];
  const properties = columns.map((column, n): [string, object] => {
    const key = n === 0 ? 'key' : column;
    const type = n === 0 ? 'string' : types[n % types.length];
    return [key, { $id: `/properties/${key}`, type, title: column, displayOrder: n }];
  });
  const schema = { type: 'object', required: ['key'], additionalProperties: false };
  return { name: table, schema: { ...schema, properties: Object.fromEntries(properties) } };
}

function skillGroupOf(group: string, { skills, languages, conditions }: Generated): object {
  return {
    name: group,
    skillConditions: conditions.map(({ operation, ...terms }) => ({
      operation,
      routingSkillConditions: terms.skills.map(({ at, ...rest }) => ({
        routingSkill: skills[at % skills.length],
        ...rest,
      })),
      languageSkillConditions: terms.languages.map(({ at, ...rest }) => ({
        languageSkill: languages[at % languages.length],
        ...rest,
      })),
    })),
  };
}

function ringOf({ threshold, at }: { threshold: number; at: number[] }, skills: string[]): object {
  const removed = [...new Set(at.map((one) => skills[one % skills.length]))];
  return {
    expansionCriteria: [{ type: 'TIMEOUT_SECONDS', threshold }],
    actions: { skillsToRemove: removed.map((id) => ({ id })) },
  };
}

const TABLES = { objects: 'Routing Strategies', state: 'Routing Strategies (strategos)' };

function look(on: Bench): Promise<Observation> {
  const binding = bind(
    reconciledKinds,
    { backend: 'strategies-api', tables: TABLES },
    { manifests: [], uses: reconciledKinds.map(({ name: kind }) => kind), inFull: PARTS },
  );
  return observe(on.reader(), binding, sha256);
}

/** As a plan reads them, every file once. */
function exported({ live }: Observation): Record<string, string> {
  const { manifests, odd } = writeManifests(live, 'strategies-api');
  expect(odd).toEqual([]);
  return Object.fromEntries(manifests.map(({ file, text: content }) => [file, content]));
}

it('an export says an org whole', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(org, async (generated) => {
      const [one, other] = [await made(generated), empty()];
      const seen = await look(one);
      const files = exported(seen);
      const { plan } = await many(one, 'strategies-api').plan(files);
      expect(plan.blocked).toBeUndefined();
      expect(plan.changes).toEqual([]);
      expect(plan.counts.unchanged).toBe(seen.live.length);
      const { outcomes } = await many(other, 'strategies-api').apply(files);
      expect(outcomes.filter(({ state }) => state !== 'created')).toEqual([]);
      const again = await look(other);
      expect((await many(other, 'strategies-api').plan(files)).plan.changes).toEqual([]);
      const differences: JsonObject[] = across(
        seen,
        again,
        null,
        kindsByName(reconciledKinds),
        sha256,
      ).map(({ action, address }) => ({ action, address }));
      expect(differences).toEqual([]);
      expect(exported(again)).toEqual(files);
    }),
    RUNS,
  );
});
