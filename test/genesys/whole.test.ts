/** A listing of which a part is missing, and answers that do not say what they are about. */
import { describe, expect, it } from 'vitest';
import { openReader } from '../../src/genesys/sdk.js';
import type { Exchange } from '../../src/genesys/transport.js';
import { bench } from '../support/org.js';

interface Page {
  readonly total?: number;
  readonly pageCount?: number | null;
  readonly entities: readonly unknown[];
}

const some = (...ids: readonly string[]): unknown[] => ids.map((id) => ({ id, name: id }));

/** A platform whose listings are these, one after the other, each a list of its pages. */
function listings(...passes: readonly (readonly Page[])[]) {
  const on = bench({});
  let pass = -1;
  const exchange: Exchange = async (request) => {
    if (!request.url.includes('/routing/queues')) return on.exchange(request);
    const page = Number(new URL(request.url).searchParams.get('pageNumber'));
    if (page === 1) pass += 1;
    const pages = passes[Math.min(pass, passes.length - 1)] ?? [];
    const body = JSON.stringify(pages[page - 1] ?? { entities: [] });
    return { status: 200, headers: {}, body };
  };
  const reader = openReader(on.connection('demo', exchange));
  return { ids: async () => (await reader.queues()).map(({ id }) => id), passes: () => pass + 1 };
}

const WHOLE = [
  { total: 3, pageCount: 2, entities: some('a', 'b') },
  { total: 3, pageCount: 2, entities: some('c') },
];
const EMPTY_PAGE = [
  { total: 3, pageCount: 2, entities: some('a', 'b') },
  { total: 3, pageCount: 2, entities: [] },
];

/** A listing of seven that shows two or three at a time, each from where the last one ended. */
function byCursor() {
  const on = bench({});
  const asked: string[] = [];
  const exchange: Exchange = async (request) => {
    if (!request.url.includes('/routing/skillgroups')) return on.exchange(request);
    const { searchParams } = new URL(request.url);
    asked.push(searchParams.toString());
    const after = searchParams.get('after');
    const pages: Record<string, object> = {
      first: { entities: some('a', 'b', 'c'), nextUri: '/x?pageSize=3&after=b+c%3D' },
      'b+c=': { entities: some('d', 'e'), nextUri: '/x?pageSize=3&after=e' },
      e: { entities: some('f', 'g') },
    };
    return { status: 200, headers: {}, body: JSON.stringify(pages[after ?? 'first']) };
  };
  const reader = openReader(on.connection('demo', exchange));
  return {
    asked,
    ids: async () => {
      const found = await reader.list('/api/v2/routing/skillgroups', 3, 'by cursor');
      return found.map(({ id }) => id);
    },
  };
}

describe('a listing that goes on from a cursor', () => {
  it('is read to its end, whatever its pages hold', async () => {
    const { ids, asked } = byCursor();
    expect(await ids()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(asked).toEqual(['pageSize=3', 'pageSize=3&after=b%2Bc%3D', 'pageSize=3&after=e']);
  });
});

describe('a listing', () => {
  it('is read once where it is whole, also where the platform does not count', async () => {
    for (const pages of [WHOLE, [{ entities: some('a', 'b', 'c') }]]) {
      const { ids, passes } = listings(pages);
      expect(await ids()).toEqual(['a', 'b', 'c']);
      expect(passes()).toBe(1);
    }
  });

  it.each<[string, readonly Page[]]>([
    ['an empty page', EMPTY_PAGE],
    ['a page that is missing', [{ total: 3, pageCount: 1, entities: some('a', 'b') }]],
    ['nothing at all', [{ total: 3, pageCount: 1, entities: [] }]],
    [
      'an object twice in the place of another',
      [
        { total: 3, pageCount: 2, entities: some('a', 'b') },
        { total: 3, pageCount: 2, entities: some('b') },
      ],
    ],
  ])('with %s is read again, and then given up', async (_name, pages) => {
    const once = listings(pages, WHOLE);
    expect(await once.ids()).toEqual(['a', 'b', 'c']);
    expect(once.passes()).toBe(2);
    const always = listings(pages);
    await expect(always.ids()).rejects.toMatchObject({
      code: 'incomplete-listing',
      exitCode: 7,
      message: expect.stringMatching(/lists more than it shows: \d (is|are) missing/) as string,
    });
    expect(always.passes()).toBe(2);
  });

  it('that says nothing of its pages is read to one that is not full', async () => {
    const full = Array.from({ length: 500 }, (_, index) => `q${index}`);
    const { ids } = listings([
      { pageCount: null, entities: some(...full) },
      { pageCount: null, entities: some('last') },
    ]);
    expect(await ids()).toHaveLength(501);
  });

  it('may become shorter while it is read', async () => {
    const { ids, passes } = listings([
      { total: 3, pageCount: 2, entities: some('a', 'b') },
      { total: 2, pageCount: 2, entities: [] },
    ]);
    expect(await ids()).toEqual(['a', 'b']);
    expect(passes()).toBe(3);
  });

  it('in which one moved to a page that was read, as another was deleted, is read again', async () => {
    const { ids, passes } = listings(
      [
        { total: 4, pageCount: 2, entities: some('a', 'b') },
        // Without a, c is on the first page.
        { total: 3, pageCount: 2, entities: some('d') },
      ],
      [
        { total: 3, pageCount: 2, entities: some('b', 'c') },
        { total: 3, pageCount: 2, entities: some('d') },
      ],
    );
    expect(await ids()).toEqual(['b', 'c', 'd']);
    expect(passes()).toBe(2);
  });

  it.each<[string, readonly Page[]]>([
    [
      'its pages count otherwise',
      [
        { total: 5, pageCount: 3, entities: some('a', 'b') },
        // Without a, c is on the first page; then e came.
        { total: 4, pageCount: 3, entities: some('d', 'f') },
        { total: 5, pageCount: 3, entities: some('g') },
      ],
    ],
    [
      'one of it comes twice',
      [
        { total: 5, pageCount: 3, entities: some('a', 'c') },
        { total: 5, pageCount: 3, entities: some('c', 'd') },
        { total: 5, pageCount: 3, entities: some('f', 'g') },
      ],
    ],
  ])('that lost one and gained one meanwhile is read again: %s', async (_name, torn) => {
    const { ids, passes } = listings(torn, [
      { total: 5, pageCount: 3, entities: some('b', 'c') },
      { total: 5, pageCount: 3, entities: some('d', 'f') },
      { total: 5, pageCount: 3, entities: some('g') },
    ]);
    expect(await ids()).toEqual(['b', 'c', 'd', 'f', 'g']);
    expect(passes()).toBe(2);
  });

  it('that moves whenever it is read is what all of its readings show', async () => {
    const torn = (...ids: string[]): Page[] => [
      { total: 4, pageCount: 2, entities: some(...ids.slice(0, 2)) },
      { total: 3, pageCount: 2, entities: some(...ids.slice(2)) },
    ];
    const { ids, passes } = listings(
      torn('a', 'b', 'd', 'e'),
      torn('a', 'c', 'd', 'e'),
      torn('c', 'd', 'e', 'f'),
    );
    expect((await ids()).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(passes()).toBe(3);
  });

  it('shows each of those that have no id', async () => {
    const { ids } = listings([{ total: 3, entities: [{ name: 'x' }, { name: 'y' }, { id: 'a' }] }]);
    expect(await ids()).toEqual(['', '', 'a']);
  });
});

describe('an answer', () => {
  const answering = (part: string, body: unknown) => {
    const on = bench({});
    const exchange: Exchange = async (request) =>
      request.url.includes(part)
        ? { status: 200, headers: {}, body: JSON.stringify(body) }
        : on.exchange(request);
    return openReader(on.connection('demo', exchange));
  };
  const span = { fromMs: 0, toMs: 1000, queueIds: ['q'], mediaType: null };

  it.each([{}, { id: '' }, { id: null, name: 'Acme' }])(
    'names no organization: %j',
    async (body) => {
      const attempt = answering('/organizations/me', body).organization();
      await expect(attempt).rejects.toMatchObject({ code: 'unreadable-answer' });
    },
  );

  it.each([
    { results: 'none' },
    { results: [{ data: [] }] },
    { results: [{ group: { queueId: '' }, data: [] }] },
    { results: [{ group: { queueId: 'q' } }, { group: { mediaType: 'voice' } }] },
  ])('has numbers of no queue: %j', async (body) => {
    const reader = answering('/analytics/', body);
    const attempts = [reader.loads(['q']), reader.figures(span)];
    for (const attempt of attempts) {
      await expect(attempt).rejects.toMatchObject({ code: 'unreadable-answer' });
    }
  });

  it('without results says that there were none', async () => {
    expect(await answering('/analytics/', {}).figures(span)).toEqual(new Map());
  });
});
