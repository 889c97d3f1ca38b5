/** The permissions that `init` tells to give are those that its commands turn out to need. */
import { afterEach, describe, expect, it } from 'vitest';
import { NEEDS, permittedOn } from '../../src/doctor/needs.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { ROUTES } from '../../src/simulator/routes.js';
import { Workplace } from '../support/cli.js';
import { strategosHere } from '../support/here.js';

let place: Workplace | null = null;

afterEach(async () => {
  await place?.close();
  place = null;
});

/** As the README that `init` writes lists them: of the client that reads, and what is for writing. */
async function told(): Promise<{ reads: string[]; writes: string[]; text: string }> {
  const empty = await Workplace.open(undefined, { backend: 'datatable' });
  await strategosHere(['init', 'new'], { cwd: empty.dir, env: { HOME: empty.dir, PATH: '' } });
  const text = await empty.read('new/README.md');
  await empty.close();
  const [, reads = '', writes = ''] =
    /One that reads:\n([^]*?)One that writes: the same, and\n([^]*?)For kinds/.exec(text) ?? [];
  const named = (list: string): string[] =>
    [...list.matchAll(/^ *- `([\w:]+)`$/gm)].map(([, one = '']) => one);
  return { reads: named(reads), writes: named(writes), text };
}

async function permitted(permissions: readonly string[]): Promise<Workplace> {
  const clients = (DEMO_ORG.clients ?? []).map((client) =>
    client.id === 'demo' ? { ...client, permissions: [...permissions] } : client,
  );
  return (place = await Workplace.open({ ...DEMO_ORG, clients }, { backend: 'datatable' }));
}

/** In whole words: a run's id or a digest can have `403` in it. */
const REFUSED = /missing permission|answered 403/;
const READING = [
  ['plan'],
  ['drift'],
  ['export'],
  ['metrics'],
  ['audit', 'trail', '--since', '1h'],
  ['predict'],
];
const WRITING = [
  ['apply', '--yes'],
  ...READING,
  ['doctor'],
  ['optimize', '--rounds', '1'],
  ['rollback', 'latest', '--yes'],
  ['cycle', '--yes', '--rounds', '1'],
];

describe('the clients that the README of a new repository tells to make', () => {
  it('are those of the backend of the Environment that is there', async () => {
    const own = ['add', 'delete', 'edit', 'view'].map((verb) => `routing:strategy:${verb}`);
    const listed = async (backend: 'datatable' | 'strategies-api'): Promise<string[]> => {
      place = await Workplace.open(undefined, { backend });
      await strategosHere(['init', '.'], { cwd: place.dir, env: { HOME: place.dir, PATH: '' } });
      const readme = await place.read('README.md');
      return own.filter((one) => readme.includes(`- \`${one}\``));
    };
    expect(await listed('strategies-api')).toEqual(own);
    await place?.close();
    expect(await listed('datatable')).toEqual([]);
  });

  it('read with what is listed for reading', async () => {
    const { reads } = await told();
    expect(reads.length).toBeGreaterThan(5);
    const org = await permitted(reads);
    for (const args of READING) {
      const { code, stderr } = await org.strategos(args);
      expect([args, code === 6, REFUSED.test(stderr)]).toEqual([args, false, false]);
    }
  });

  it('write with both lists', async () => {
    const { reads, writes } = await told();
    const org = await permitted([...reads, ...writes]);
    for (const args of WRITING) {
      const { code, stderr } = await org.strategos(args);
      expect([args, code === 6, REFUSED.test(stderr)]).toEqual([args, false, false]);
    }
    const { code, stdout } = await org.strategos(['doctor']);
    expect([code, / 0 differ, /.test(stdout)]).toEqual([0, true]);
    expect(stdout).toMatch(/^Not needed by these manifests, and not looked at: .* for .*Queue/m);
  });

  it('are told every permission of every kind', async () => {
    const { text } = await told();
    const { kinds } = permittedOn('datatable');
    expect(kinds.length).toBeGreaterThan(2);
    for (const { kind, reads, writes } of kinds) {
      const line = text.split('\n').find((one) => one.trim().startsWith(`- ${kind}: `));
      for (const one of [...reads, ...writes])
        expect([kind, line]).toEqual([kind, expect.stringContaining(one)]);
    }
  });

  it('can do with the first permission of a need what the platform asks it for', () => {
    const plain = (pattern: string): string => pattern.replace(/\{\w*\}/g, '{}');
    const routes = new Map(
      ROUTES.map(({ method, pattern, anyOf }) => [`${method} ${plain(pattern)}`, anyOf]),
    );
    const refused = NEEDS.flatMap(({ anyOf: [first], endpoints }) =>
      endpoints
        .filter((one) => routes.get(plain(one))?.includes(first) === false)
        .map((one) => `${first}: ${one}`),
    );
    expect(refused).toEqual([]);
    expect(
      NEEDS.flatMap(({ endpoints }) => endpoints).filter((one) => !routes.has(plain(one))),
    ).toEqual([]);
  });
});
