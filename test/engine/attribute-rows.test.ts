/** Who changed a row of a data table, as far as the platform's audit tells. */
import { describe, expect, it } from 'vitest';
import { driftIn } from '../../src/core/drift.js';
import { attributed } from '../../src/engine/attribute.js';
import { openReader } from '../../src/genesys/sdk.js';
import { reconciledKinds } from '../../src/kinds/index.js';
import { bindingFor } from '../support/binding.js';
import { faulty, refusal } from '../support/faults.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { stateTable } from '../support/owned.js';
import { ORG } from '../support/reconcile.js';

const BACKEND = {
  name: 'datatable',
  tables: { objects: 'Routing Strategies', state: 'Routing Strategies (strategos)' },
} as const;
const FILES = {
  'table.yaml': manifestOf('DataTable', 'Sites', {
    columns: [
      { name: 'site', type: 'string' },
      { name: 'queue', type: 'string' },
      { name: 'agents', type: 'integer' },
    ],
    rows: {
      mode: 'owned',
      items: [
        { site: 'Bonn', queue: 'Alpha', agents: 4 },
        { site: 'a/b %', queue: 'Beta', agents: 1 },
        { site: 'Kiel', queue: 'Beta', agents: 2 },
      ],
    },
  }),
};
const CLIENTS = {
  clients: [
    { id: 'demo', secret: 'demo' },
    { id: 'person', secret: 'person', user: 'Ada' },
  ],
};

/** Path and who, of every field that drifted. */
async function told(place: Many, wrongMs = 0, files = FILES): Promise<string[]> {
  const { plan, observation } = await place.plan(files);
  const { drifts } = driftIn(plan, observation.state.records);
  const { clock, exchange } = place.bench;
  const reader = openReader({
    ...place.bench.connection(),
    // A machine whose clock is wrong; what is asked of the platform says so.
    clock: {
      now: () => clock.now() + wrongMs,
      steady: () => clock.now(),
      sleep: async (ms) => clock.sleep(ms),
    },
    exchange: async (request) => {
      const answer = await exchange(request);
      const date = new Date(clock.now()).toUTCString();
      return { ...answer, headers: { ...answer.headers, date } };
    },
  });
  await reader.organization();
  const all = await attributed(reader, {
    drifts,
    binding: bindingFor(BACKEND, reconciledKinds, { uses: ['DataTable'] }),
    homes: observation.homes,
    ownClient: 'demo',
    idOf: () => '',
    windowMs: 86_400_000,
  });
  return all.flatMap(({ fields, by }) =>
    fields.map(({ path }, index) => {
      const one = by[index];
      return `${path}: ${one?.known === true ? `${one.who}, ${one.action}` : (one?.why ?? '')}`;
    }),
  );
}

async function started(): Promise<Many> {
  const place = many(bench({ ...ORG, ...CLIENTS }), 'datatable');
  await place.apply(FILES);
  await place.bench.clock.sleep(600_000);
  return place;
}

const rows = ({ bench: { org } }: Many): string =>
  `/api/v2/flows/datatables/${org.tableNames.get('Sites') ?? ''}/rows`;

describe('who changed a row', () => {
  it('is told cell by cell, of rows that came and of rows that went', async () => {
    const place = await started();
    const at = rows(place);
    await place.send('PUT', `${at}/Bonn`, { key: 'Bonn', queue: 'Alpha', agents: 7 });
    await place.send('PUT', `${at}/a%2Fb%20%25`, { key: 'a/b %', queue: 'Gamma', agents: 1 });
    await place.send('DELETE', `${at}/Kiel`);
    await place.send('POST', at, { key: 'Ulm', queue: 'Beta', agents: 3 });
    expect(await told(place)).toEqual([
      'rows["Bonn"]["agents"]: Ada, Update',
      'rows["Kiel"]: Ada, Delete',
      'rows["Ulm"]: Ada, Create',
      'rows["a/b %"]["queue"]: Ada, Update',
    ]);
  });

  it.each([-3_600_000, 3_600_000])(
    'is told as well where the clock of this machine is %d ms off',
    async (wrongMs) => {
      const place = await started();
      await place.send('DELETE', `${rows(place)}/Kiel`);
      await place.bench.clock.sleep(60_000);
      expect(await told(place, wrongMs)).toEqual(['rows["Kiel"]: Ada, Delete']);
    },
  );

  it('is told where an apply has since failed half-way, and left the row as it was', async () => {
    const place = await started();
    await place.send('PUT', `${rows(place)}/Kiel`, { key: 'Kiel', queue: 'Alpha', agents: 2 });
    await place.bench.clock.sleep(1_200_000);
    const files = { 'table.yaml': FILES['table.yaml'].replace('"agents":4', '"agents":5') };
    const answer = refusal(400, 'bad.request', 'not now');
    const fault = { method: 'PUT', path: /\/rows\/Kiel$/, does: { answer } };
    for (const _ of [1, 2]) {
      const { exchange } = faulty(place.bench.exchange, [fault]);
      const { outcomes } = await place.apply(files, { exchange });
      expect(outcomes.map(({ state }) => state)).toEqual(['failed']);
      expect(await told(place, 0, files)).toEqual(['rows["Kiel"]["queue"]: Ada, Update']);
      // The second one finds Bonn as it should be, and writes it no more.
      await place.send('PUT', `${rows(place)}/Bonn`, { key: 'Bonn', queue: 'Alpha', agents: 1 });
      await place.bench.clock.sleep(1_200_000);
    }
    const { outcomes } = await place.apply(files);
    expect(outcomes.map(({ state }) => state)).toEqual(['updated']);
    // What was there before is done with: what this client writes is nobody's edit.
    const table = place.bench.org.tables.get(place.bench.org.tableNames.get('Sites') ?? '');
    table?.rows.set('Kiel', new Map(table.rows.get('Kiel')).set('queue', 'Alpha'));
    const [line] = await told(place, 0, files);
    expect(line).toMatch(/^rows\["Kiel"\]\["queue"\]: (?!Ada)/);
  });

  it('is told where that apply followed a run that wrote nothing of it', async () => {
    const place = await started();
    await place.send('PUT', `${rows(place)}/Kiel`, { key: 'Kiel', queue: 'Alpha', agents: 2 });
    await place.bench.clock.sleep(1_200_000);
    // As a rollback leaves the record: what others have made since stays on it as it was applied.
    const { rows: records } = stateTable(place.bench.org);
    const at = new Date(place.bench.clock.now()).toISOString();
    const key = 'DataTable~Sites';
    expect(records.has(key)).toBe(true);
    records.set(key, new Map(records.get(key)).set('command', 'rollback').set('at', at));
    await place.bench.clock.sleep(1_200_000);
    expect(await told(place)).toEqual(['rows["Kiel"]["queue"]: Ada, Update']);
    const files = { 'table.yaml': FILES['table.yaml'].replace('"agents":4', '"agents":5') };
    const answer = refusal(400, 'bad.request', 'not now');
    const fault = { method: 'PUT', path: /\/rows\/Kiel$/, does: { answer } };
    const { exchange } = faulty(place.bench.exchange, [fault]);
    await place.apply(files, { exchange });
    expect(await told(place, 0, files)).toEqual(['rows["Kiel"]["queue"]: Ada, Update']);
  });

  it('is not taken from a row of another table, nor from what this client wrote', async () => {
    const place = await started();
    const table = place.bench.org.tables.get(place.bench.org.tableNames.get('Sites') ?? '');
    // Of a change that no record tells of, such as by an import of somebody else.
    table?.rows.set('Bonn', new Map(table.rows.get('Bonn')).set('agents', 9));
    const [line] = await told(place);
    expect(line).toMatch(/^rows\["Bonn"\]\["agents"\]: (?!Ada)/);
  });
});
