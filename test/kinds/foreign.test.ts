/**
 * What queues refer to and nobody manages here: flows, prompts, scripts, groups and libraries, by
 * name or by id. Each sort is listed where a manifest names one, and where none does it is not.
 */
import { describe, expect, it } from 'vitest';
import { textOf, type JsonObject } from '../../src/core/json.js';
import { faulty, refusal } from '../support/faults.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';

const WITH = {
  ...ORG,
  flows: [{ name: 'Hold on', type: 'INQUEUECALLFLOW' }],
  prompts: ['Whisper', 'Music'],
  scripts: ['Sales'],
  groups: ['Night shift', 'Day shift'],
  teams: ['Blue team'],
  libraries: ['Greetings'],
};

interface Sort {
  readonly path: string;
  readonly what: string;
  readonly name: string;
  /** A name that is near, and the org has not. */
  readonly wrong: string;
  readonly spec: (reference: unknown) => object;
  /** What the org then has of it. */
  readonly id: (settings: JsonObject) => unknown;
}

const idAt = (value: unknown): unknown => (value as JsonObject | undefined)?.['id'];
const first = (value: unknown): unknown => (Array.isArray(value) ? idAt(value[0]) : undefined);

const SORTS: readonly Sort[] = [
  {
    path: '/api/v2/flows',
    what: 'flow',
    name: 'Hold on',
    wrong: 'Hold no',
    spec: (queueFlow) => ({ queueFlow }),
    id: ({ queueFlow }) => idAt(queueFlow),
  },
  {
    path: '/api/v2/architect/prompts',
    what: 'prompt',
    name: 'Whisper',
    wrong: 'Wisper',
    spec: (whisperPrompt) => ({ whisperPrompt }),
    id: ({ whisperPrompt }) => idAt(whisperPrompt),
  },
  {
    path: '/api/v2/scripts',
    what: 'script',
    name: 'Sales',
    wrong: 'Sale',
    spec: (one) => ({ defaultScripts: { CALL: one } }),
    id: ({ defaultScripts }) => idAt((defaultScripts as JsonObject | undefined)?.['CALL']),
  },
  {
    path: '/api/v2/teams',
    what: 'team',
    name: 'Blue team',
    wrong: 'Blew team',
    spec: (one) => ({ teams: [one] }),
    id: ({ memberGroups }) => first(memberGroups),
  },
  {
    path: '/api/v2/groups',
    what: 'group',
    name: 'Night shift',
    wrong: 'Nigth shift',
    spec: (one) => ({ groups: [one] }),
    id: ({ memberGroups }) => first(memberGroups),
  },
  {
    path: '/api/v2/responsemanagement/libraries',
    what: 'response library',
    name: 'Greetings',
    wrong: 'Greeting',
    spec: (one) => ({ cannedResponseLibraries: { mode: 'SelectedOnly', libraries: [one] } }),
    id: ({ cannedResponseLibraries: all }) => {
      const chosen = all as JsonObject | undefined;
      return first(chosen?.['libraries']) ?? (chosen?.['libraryIds'] as unknown[] | undefined)?.[0];
    },
  },
];

const files = (spec: object): Record<string, string> => ({
  'q.yaml': manifestOf('Queue', 'Bills', spec),
});

function idOf({ bench: { org } }: Many, { path, name }: Sort): string {
  const all = path === '/api/v2/flows' ? org.flows : (org.foreign.get(path) ?? []);
  return all.find((one) => one.name === name)?.id ?? '';
}

function settings({ bench: { org } }: Many): JsonObject {
  return [...org.queues.values()].find(({ name }) => name === 'Bills')?.settings ?? {};
}

async function asked(place: Many, spec: object): Promise<string[]> {
  const { exchange, sent } = faulty(place.bench.exchange);
  await place.plan(files(spec), { exchange });
  const paths = sent.map(({ path }) => path.replace(/\?.*/, ''));
  return SORTS.map(({ path }) => path).filter((path) => paths.includes(path));
}

describe.each(SORTS.map((sort) => [sort.what, sort] as const))('a %s', (_, sort) => {
  it('is named, written by its id, and then there is nothing to do', async () => {
    const place = many(bench(WITH), 'strategies-api');
    const run = await place.apply(files(sort.spec(sort.name)));
    expect(run.outcomes.map(({ state, message }) => [state, message])).toEqual([['created', '']]);
    expect(textOf(sort.id(settings(place)) as string)).toBe(idOf(place, sort));
    expect((await place.plan(files(sort.spec(sort.name)))).plan.changes).toEqual([]);
    const byId = sort.spec({ id: idOf(place, sort) });
    expect((await place.plan(files(byId))).plan.changes).toEqual([]);
  });

  it('that the org does not have is said: file, line, and what was meant', async () => {
    const place = many(bench(WITH), 'strategies-api');
    const { exchange, sent } = faulty(place.bench.exchange);
    const { plan } = await place.plan(files(sort.spec(sort.wrong)), { exchange });
    expect(plan.changes).toEqual([]);
    expect(plan.blocked?.[0]?.obstacles).toEqual([
      {
        message: `the org has no ${sort.what} "${sort.wrong}"`,
        hint: `did you mean "${sort.name}"?`,
        at: { file: 'q.yaml', line: 5 },
      },
    ]);
    expect(sent.filter(({ method, path }) => method !== 'GET' && path !== '/oauth/token')).toEqual(
      [],
    );
  });

  it('is listed where a manifest names one, by name or by id, and no other sort', async () => {
    const place = many(bench(WITH), 'strategies-api');
    expect(await asked(place, { description: 'Bills' })).toEqual([]);
    expect(await asked(place, sort.spec(sort.name))).toEqual([sort.path]);
    expect(await asked(place, sort.spec({ id: idOf(place, sort) }))).toEqual([sort.path]);
  });

  it('that this client may not list keeps the plan from being made, and is said', async () => {
    const place = many(bench(WITH), 'strategies-api');
    const no = refusal(403, 'missing.permissions', 'You may not');
    const path = new RegExp(`^${sort.path}$`);
    const { exchange } = faulty(place.bench.exchange, [{ path, does: { answer: no } }]);
    await expect(place.plan(files(sort.spec(sort.name)), { exchange })).rejects.toThrow(sort.path);
  });
});

describe('names of which there are two', () => {
  it('are told with their ids, and one of them can be chosen', async () => {
    const place = many(bench(WITH), 'strategies-api');
    const [flow] = place.bench.org.flows;
    if (flow === undefined) throw new Error('no flow');
    place.bench.org.flows.push({ ...flow, id: 'another' });
    const { plan } = await place.plan(files({ queueFlow: 'Hold on' }));
    expect(plan.blocked?.[0]?.obstacles[0]).toMatchObject({
      message: 'the org has 2 flows named "Hold on"',
      hint: expect.stringContaining('{ id: another }'),
    });
    await place.apply(files({ queueFlow: { id: 'another' } }));
    expect(idAt(settings(place)['queueFlow'])).toBe('another');
  });
});
