/** An org that behaves as a doctor saw another one is seen the same way by a doctor. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { OrgObserved } from '../../src/generated/types.js';
import { examined, notHolding } from '../support/doctor.js';

let usual: OrgObserved;

beforeAll(async () => {
  ({ observed: usual } = await examined({}));
});

/** What differs, and the verdicts that follow from it. */
type Variation = readonly [string, OrgObserved, Record<string, string>];

const refused = (status: number, code: string): { status: number; code: string } => ({
  status,
  code,
});
const HTML = refused(400, '');
const imports = (one: OrgObserved['imports'] = {}): OrgObserved => ({ imports: one });
const row = (one: OrgObserved['row'] = {}): OrgObserved => ({ row: one });

const VARIATIONS: readonly Variation[] = [
  [
    'no headers of a rate limit',
    { rateLimit: { allowedPerMinute: null } },
    { 'rate-limit': 'copes' },
  ],
  ['few requests a minute', { rateLimit: { allowedPerMinute: 50 } }, { 'rate-limit': 'copes' }],
  [
    'a low limit of rows',
    { limits: { datatables: { 'datatable.rows.max': 500 } } },
    { limits: 'does not cope' },
  ],
  ['other limits', { limits: { audit: { some: 3 } } }, {}],
  [
    'small pages',
    { pages: { rows: { largest: 100, above: 'refused' } } },
    { 'page.rows': 'copes' },
  ],
  [
    'pages that are cut',
    { pages: { queues: { largest: 5, above: 'cut' } } },
    { 'page.queues': 'copes' },
  ],
  [
    'tiny pages',
    { pages: { skills: { largest: 25, above: 'refused' } } },
    { 'page.skills': 'does not cope' },
  ],
  ['a queue shown otherwise', { single: { queue: ['name'] } }, { 'single.queue': 'does not cope' }],
  ['403 for what is not there', { absent: refused(410, 'gone') }, { absent: 'does not cope' }],
  [
    'no audit of rows',
    {
      audit: [{ service: 'Routing', entityType: 'Queue', actions: ['Update'] }],
      auditOfRows: { events: 'none', key: 'nowhere', self: 'nobody' },
    },
    { 'audit.rows': 'copes', 'audit.of-rows': 'copes' },
  ],
  [
    'an audit without columns',
    { auditOfRows: { events: 'without columns', key: 'name', self: 'client' } },
    { 'audit.of-rows': 'copes' },
  ],
  [
    'an audit that does not say which row',
    { auditOfRows: { events: 'with columns', key: 'nowhere', self: 'user' } },
    { 'audit.of-rows': 'copes' },
  ],
  [
    'an audit with addresses',
    { auditOfRows: { events: 'with columns', key: 'address', self: 'nobody' } },
    {},
  ],
  ...(['observation', 'activity', 'aggregate'] as const).map((query): Variation => [
    `${query} refused`,
    { queries: { [query]: refused(400, 'bad.request') } },
    { [`query.${query}`]: query === 'activity' ? 'copes' : 'does not cope' },
  ]),
  [
    'an observation without queues',
    { queries: { observation: { status: 200, code: 'unreadable' } } },
    { 'query.observation': 'does not cope' },
  ],
  ['no calls in the utilization', { callsPerAgent: null }, { utilization: 'copes' }],
  ['three calls an agent', { callsPerAgent: 3 }, {}],
  ['a table late in the listing', { table: { listedMs: 2000 } }, { 'table.listed': 'copes' }],
  [
    'a second table of one name',
    { table: { taken: refused(200, '') } },
    { 'table.taken': 'does not cope' },
  ],
  ['another refusal of it', { table: { taken: HTML } }, { 'table.taken': 'does not cope' }],
  ['a table that stays', { table: { gone: refused(410, 'gone') } }, { 'table.gone': 'copes' }],
  [
    'a row read late',
    row({ readMs: 500, listedMs: 500 }),
    { 'row.read': 'copes', 'row.listed': 'copes' },
  ],
  ['a row listed late', row({ listedMs: 4000 }), { 'row.listed': 'copes' }],
  ['a row listed very late', row({ listedMs: 60_000 }), { 'row.listed': 'copes' }],
  [
    'a row never listed',
    row({ listedMs: null }),
    { 'row.listed': 'does not cope', 'row.changed': 'does not cope' },
  ],
  ['a change listed late', row({ changedMs: 8000 }), { 'row.changed': 'copes' }],
  [
    'cells that are trimmed',
    row({ cells: ['blanks at the ends'] }),
    { 'row.cells': 'does not cope' },
  ],
  [
    'letters that are lost',
    row({ cells: ['letters beyond ASCII'] }),
    { 'row.cells': 'does not cope' },
  ],
  [
    'a duplicate answered 400',
    row({ duplicate: refused(400, 'x'), race: { accepted: 1, conflicts: 0, others: 19 } }),
    { 'row.duplicate': 'does not cope', 'row.race': 'copes' },
  ],
  [
    'a duplicate that is taken',
    row({ duplicate: refused(200, ''), race: { accepted: 20, conflicts: 0, others: 0 } }),
    { 'row.duplicate': 'does not cope', 'row.race': 'does not cope' },
  ],
  [
    'two at once',
    row({ race: { accepted: 2, conflicts: 18, others: 0 } }),
    { 'row.race': 'does not cope' },
  ],
  [
    'some of twenty refused otherwise',
    row({ race: { accepted: 1, conflicts: 15, others: 4 } }),
    { 'row.race': 'copes' },
  ],
  ...(['empty', 'kept', 'refused'] as const).map((omitted): Variation => [
    `an omitted column ${omitted}`,
    row({ omitted }),
    { 'row.omitted': 'copes' },
  ]),
  ['a row that stays', row({ gone: refused(410, 'gone') }), { 'row.gone': 'does not cope' }],
  [
    'short texts',
    row({ longestCell: { longest: 16_000, above: 'refused' } }),
    { 'row.longest-cell': 'does not cope' },
  ],
  ['texts that are cut', row({ longestCell: { longest: 36_000, above: 'cut' } }), {}],
  [
    'short keys',
    row({ longestKey: { longest: 128, above: 'refused' } }),
    { 'row.longest-key': 'does not cope' },
  ],
  ['long keys', row({ longestKey: { longest: 257, above: 'not tried' } }), {}],
  [
    'no slash',
    { keys: { slash: { step: 'read', ...refused(404, '') } } },
    { 'key.slash': 'copes' },
  ],
  [
    'no slash at all',
    { keys: { slash: { step: 'create', ...refused(400, 'x') } } },
    { 'key.slash': 'copes' },
  ],
  [
    'percent signs read twice',
    { keys: { percent: { step: 'read', status: 200, code: 'another row' } } },
    { 'key.percent': 'copes' },
  ],
  ['no blank', { keys: { blank: { step: 'replace', ...HTML } } }, { 'key.blank': 'does not cope' }],
  [
    'no tilde',
    { keys: { unreserved: { step: 'delete', ...HTML } } },
    { 'key.unreserved': 'does not cope' },
  ],
  ['no jobs', imports({ begun: refused(404, 'not.found') }), { 'import.begun': 'copes' }],
  ['no storage', imports({ upload: refused(403, '') }), { 'import.upload': 'copes' }],
  ['no import', imports({ ended: 'Failed' }), { 'import.ended': 'copes' }],
  [
    'quotes that are lost',
    imports({ cells: ['quotes', 'JSON'] }),
    { 'import.cells': 'does not cope' },
  ],
  [
    'an append that replaces all',
    imports({ others: 'gone' }),
    { 'import.others': 'does not cope' },
  ],
  [
    'an append that replaces nothing',
    imports({ replaced: 'kept', omitted: 'kept' }),
    { 'import.replaced': 'copes', 'import.omitted': 'copes' },
  ],
  ['an omitted column emptied', imports({ omitted: 'empty' }), { 'import.omitted': 'copes' }],
  [
    'an empty text that brings the default',
    imports({ emptyText: 'default' }),
    { 'import.empty-text': 'copes' },
  ],
  [
    'an empty text that is left out',
    imports({ emptyText: 'left out' }),
    { 'import.empty-text': 'copes' },
  ],
  [
    'an empty number that is left out',
    imports({ emptyNumber: 'left out' }),
    { 'import.empty-number': 'copes' },
  ],
  ['blanks cut off', imports({ spaces: 'trimmed' }), { 'import.spaces': 'copes' }],
  ['no counts', imports({ counts: 'absent' }), { 'import.counts': 'copes' }],
  ['wrong counts', imports({ counts: 'wrong' }), { 'import.counts': 'copes' }],
  [
    'a bad record fails the job',
    imports({ badRecord: 'fails the job' }),
    { 'import.bad-record': 'copes' },
  ],
  ...(['last', 'neither'] as const).map((duplicate): Variation => [
    `duplicates: ${duplicate}`,
    imports({ duplicate }),
    { 'import.duplicate': 'copes' },
  ]),
  ['wrong types taken', imports({ wrongType: 'taken' }), { 'import.wrong-type': 'copes' }],
  ['short records taken', imports({ short: 'taken' }), { 'import.short': 'copes' }],
  ['empty lines ignored', imports({ emptyLine: 'ignored' }), { 'import.empty-line': 'copes' }],
  ['line feeds refused', imports({ lineFeed: 'refused' }), { 'import.line-feed': 'copes' }],
  ['titles refused', imports({ title: 'refused' }), { 'import.title': 'copes' }],
  ['marks taken', imports({ mark: 'taken' }), { 'import.mark': 'copes' }],
  [
    'unknown columns taken',
    imports({ unknownColumn: 'taken' }),
    { 'import.unknown-column': 'copes' },
  ],
  ['double columns taken', imports({ doubleColumn: 'taken' }), { 'import.double-column': 'copes' }],
  [
    'second files taken',
    imports({ secondFile: refused(200, '') }),
    { 'import.second-file': 'copes' },
  ],
  ['a mode that keeps', imports({ replaceAll: 'kept' }), { 'import.replace-all': 'copes' }],
  ...(['refused', 'keeps'] as const).map((headerAlone): Variation => [
    `a header alone ${headerAlone}`,
    imports({ headerAlone }),
    { 'import.header-alone': 'copes' },
  ]),
];

/** The usual org with some of its manners others, part by part. */
function varied(change: OrgObserved): OrgObserved {
  const parts = Object.entries(change).map(([part, value]) => {
    const before = usual[part as keyof OrgObserved];
    const isParts = typeof value === 'object' && value !== null && !Array.isArray(value);
    const isWhole = !isParts || ['limits', 'absent', 'auditOfRows'].includes(part);
    const whole: unknown = isWhole ? value : { ...(before as object), ...value };
    return [part, whole] as const;
  });
  return { ...usual, ...(Object.fromEntries(parts) as OrgObserved) };
}

describe('an org with manners of its own', () => {
  it('holds what strategos believes where it has none', async () => {
    const again = await examined(usual);
    expect(again.observed).toEqual(usual);
    expect(notHolding(again.checks)).toEqual({});
    expect(again.org.tables.size).toBe(0);
  });

  it.each(VARIATIONS)('%s', async (_, change, expected) => {
    const seen = await examined(varied(change));
    const given = notHolding(seen.checks);
    const because = Object.fromEntries(
      Object.entries(given).filter(([, how]) => how === 'copes' || how === 'does not cope'),
    );
    expect(because).toEqual(expected);
    const again = await examined(seen.observed);
    expect(again.observed).toEqual(seen.observed);
    expect(notHolding(again.checks)).toEqual(given);
    for (const org of [seen.org, again.org]) expect(org.tables.size).toBe(0);
  });
});

describe('queues that have a peer', () => {
  const withPeer = async (manners: OrgObserved): ReturnType<typeof examined> =>
    examined(manners, 'datatable', (exchange, org) => {
      const [first] = org.queues.values();
      if (first !== undefined) first.settings = { ...first.settings, peerId: 'another' };
      return exchange;
    });

  it('are in the listing, or are not, which is seen', async () => {
    expect(usual.peers).toBe('none');
    const shown = await withPeer({});
    expect([shown.observed.peers, notHolding(shown.checks)['listed.peers']]).toEqual([
      'shown',
      undefined,
    ]);
    const out = await withPeer({ peers: 'left out' });
    expect([out.observed.peers, notHolding(out.checks)['listed.peers']]).toEqual([
      'left out',
      'copes',
    ]);
  });
});
