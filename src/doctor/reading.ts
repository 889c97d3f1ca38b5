/** What strategos believes of an org that reading alone can show. */
import { plural } from '../core/plural.js';
import type { OrgObserved, OrgPage } from '../generated/types.js';
import { answerText, differs, holds, isDone, sameIs, statusIs } from './assumption.js';
import type { Assumption, Judgement } from './assumption.js';

/** Requests a minute below which a plan of a few hundred strategies takes minutes. */
const FEW_A_MINUTE = 60;
/** What `core/table.ts` counts on. */
const ROWS_OF_A_TABLE = 5000;
const TABLES_OF_AN_ORG = 200;

const LOGIN: Assumption = {
  id: 'login',
  danger: 'high',
  tried: 'read',
  assumed: 'the client id and secret are let in, in this region',
  judge: ({ login }) =>
    statusIs(login, isDone, {
      follows: 'nothing can be asked of this org',
      copes: false,
      todo: 'check the client id and secret, and that they belong to this region',
    }),
};

const ABSENT: Assumption = {
  id: 'absent',
  danger: 'high',
  tried: 'read',
  assumed: 'what is not there answers 404',
  judge: ({ absent }) =>
    statusIs(absent, ({ status }) => status === 404, {
      follows: 'an object that is gone is not told apart from one that cannot be read',
      copes: false,
    }),
};

const RATE: Assumption = {
  id: 'rate-limit',
  danger: 'medium',
  tried: 'read',
  assumed: 'headers say how many requests a minute are allowed',
  judge: ({ rateLimit }) => {
    if (rateLimit === undefined) return null;
    const { allowedPerMinute: allowed } = rateLimit;
    if (allowed === null) {
      return differs('no answer had these headers', {
        follows: 'strategos keeps no pace of its own and waits when it is told to',
        copes: true,
      });
    }
    const found = `${plural(allowed, 'request')} a minute`;
    if (allowed >= FEW_A_MINUTE) return holds(found);
    return differs(found, {
      follows: 'runs keep below it and take long',
      copes: true,
      todo: 'ask Genesys Cloud support for a higher limit',
    });
  },
};

/** Keys are matched by what they name: which of them an org has is not published in full. */
const KNOWN_LIMITS = [
  { namespace: 'datatables', key: /row/i, least: ROWS_OF_A_TABLE, of: 'rows of a table' },
  { namespace: 'datatables', key: /^(?!.*row).*(table|schema)s?\b/i, least: 1, of: 'tables' },
  {
    namespace: 'platform.api',
    key: /^client\.credentials\.token\.rate\.per\.minute$/,
    least: FEW_A_MINUTE,
    of: 'requests a minute',
  },
  {
    namespace: 'platform.api',
    key: /^request\.bytes\.max$/,
    least: 512_000,
    of: 'bytes of a body',
  },
] as const;

const LIMITS: Assumption = {
  id: 'limits',
  danger: 'medium',
  tried: 'read',
  assumed:
    `tables have ${ROWS_OF_A_TABLE} rows and an org ${TABLES_OF_AN_ORG} tables; the namespaces ` +
    'of limits say otherwise where it is otherwise',
  judge: ({ limits }) => {
    if (limits === undefined) return null;
    const all = Object.entries(limits).flatMap(([namespace, keys]) =>
      Object.entries(keys).map(([key, value]) => ({ namespace, key, value })),
    );
    const low = all.filter(({ namespace, key, value }) =>
      KNOWN_LIMITS.some(
        (known) => known.namespace === namespace && known.key.test(key) && value < known.least,
      ),
    );
    const shown = (one: (typeof all)[number]): string => `${one.namespace} ${one.key} ${one.value}`;
    if (low.length === 0) {
      return holds(all.length === 0 ? 'no limit is told' : all.map(shown).join(', '));
    }
    return differs(low.map(shown).join(', '), {
      follows: 'what validation lets pass may be refused by the platform in an apply',
      copes: false,
      todo: 'ask Genesys Cloud support for the usual limit, or keep fewer strategies',
    });
  },
};

type Listing = keyof NonNullable<OrgObserved['pages']>;

const PAGES: readonly { readonly listing: Listing; readonly size: number }[] = [
  { listing: 'tables', size: 100 },
  { listing: 'rows', size: 500 },
  { listing: 'queues', size: 500 },
  { listing: 'skills', size: 500 },
  { listing: 'users', size: 500 },
  { listing: 'members', size: 100 },
];

/** The size of page that strategos asks of a listing. */
export function pageSizeOf(listing: Listing): number {
  return PAGES.find((one) => one.listing === listing)?.size ?? 0;
}

/** Below this nothing is asked for in smaller pages. */
export const SAFE_PAGE = 100;

function pageAssumption({ listing, size }: (typeof PAGES)[number]): Assumption {
  return {
    id: `page.${listing}`,
    danger: 'medium',
    tried: 'read',
    assumed: `${listing} are listed by ${size} a page`,
    judge: ({ pages }) => pageJudgement(pages?.[listing], size),
  };
}

function pageJudgement(page: OrgPage | undefined, size: number): Judgement | null {
  if (page === undefined) return null;
  const { largest, above } = page;
  if (largest >= size) return holds(`${size} a page`);
  if (largest === 0) {
    return differs(`no page of ${size} or less was served`, {
      follows: 'they cannot be listed',
      copes: false,
    });
  }
  const found = `${largest} a page; more ${above === 'cut' ? 'gets no more' : 'is refused'}`;
  // Pages that are cut say how many there are; refused ones are asked for again at 100.
  const copes = above === 'cut' || largest >= SAFE_PAGE;
  const follows = copes
    ? `they are read by ${largest} a page, which takes more requests`
    : 'they cannot be listed';
  return differs(found, { follows, copes });
}

const SINGLE: readonly Assumption[] = (
  [
    ['queue', 'medium', 'a queue is in the listing as it is by itself'],
    ['table', 'medium', 'a data table is in the listing as it is by itself'],
    ['row', 'high', 'a row is in the listing as it is by itself'],
  ] as const
).map(([what, danger, assumed]) => ({
  id: `single.${what}`,
  danger,
  tried: 'read',
  assumed,
  judge: ({ single }) =>
    sameIs(single?.[what], 'the same', {
      follows: 'a plan compares with what the listing shows, and may find changes for ever',
      copes: false,
    }),
}));

const PEERS: Assumption = {
  id: 'listed.peers',
  danger: 'high',
  tried: 'read',
  assumed: 'the listing of queues shows also those that have a peer',
  judge: ({ peers }) => {
    if (peers === undefined) return null;
    if (peers !== 'left out')
      return holds(peers === 'none' ? 'no queue has one' : 'they are in it');
    return differs('they are not in it', {
      follows: 'plans, exports and comparisons ask for them by themselves, and no other command',
      copes: true,
    });
  },
};

interface Audited {
  readonly service: string;
  readonly entityType: string;
}

const AUDITED: readonly (Audited & { readonly id: string; readonly backend?: string })[] = [
  { id: 'audit.rows', service: 'Datatables', entityType: 'Row', backend: 'datatable' },
  {
    id: 'audit.strategies',
    service: 'Routing',
    entityType: 'RoutingStrategy',
    backend: 'strategies-api',
  },
  { id: 'audit.queues', service: 'Routing', entityType: 'Queue' },
];

function auditAssumption({
  id,
  service,
  entityType,
  backend,
}: (typeof AUDITED)[number]): Assumption {
  return {
    id,
    danger: 'medium',
    tried: 'read',
    ...(backend === undefined ? {} : { backend }),
    assumed: `the platform audits ${entityType} in its service ${service}`,
    judge: ({ audit }) => {
      if (audit === undefined) return null;
      const named = audit.filter(
        (one) => one.entityType.toLowerCase() === entityType.toLowerCase(),
      );
      const right = named.find((one) => one.service === service && one.entityType === entityType);
      if (right !== undefined) return holds(right.actions.join(', '));
      const others = named.map((one) => `${one.service} ${one.entityType}`);
      const found =
        others.length === 0 ? `no ${entityType} is audited` : `it is under ${others.join(', ')}`;
      return differs(found, {
        follows: `who changed one in the org is unknown: drift and audit trail say so`,
        copes: true,
      });
    },
  };
}

const QUERIES = [
  {
    id: 'query.observation',
    name: 'observation',
    assumed: 'what queues hold now can be asked for up to 100 queues at once',
    follows: 'checks of capacity fail, and optimize moves nothing',
  },
  {
    id: 'query.activity',
    name: 'activity',
    assumed: 'who is in up to 100 queues can be asked at once',
    follows: 'members are read queue by queue, which takes more requests',
  },
  {
    id: 'query.aggregate',
    name: 'aggregate',
    assumed: 'figures of 30 days can be asked for up to 100 queues at once',
    follows: 'metrics shows nothing',
  },
] as const;

function queryAssumption({ id, name, assumed, follows }: (typeof QUERIES)[number]): Assumption {
  const copes = name === 'activity';
  return {
    id,
    danger: 'medium',
    tried: 'read',
    assumed,
    judge: ({ queries }) => {
      const answer = queries?.[name];
      if (answer === undefined) return null;
      if (isDone(answer) && answer.code === '') return holds('it was answered');
      return differs(`it answered ${answerText(answer)}`, { follows, copes });
    },
  };
}

const UTILIZATION: Assumption = {
  id: 'utilization',
  danger: 'low',
  tried: 'read',
  assumed: 'the settings say how many calls an agent handles at once',
  judge: ({ callsPerAgent }) => {
    if (callsPerAgent === undefined) return null;
    if (callsPerAgent !== null) return holds(plural(callsPerAgent, 'call'));
    return differs('they say nothing of calls', {
      follows: 'optimize moves nothing, and says so',
      copes: true,
    });
  },
};

export const READING: readonly Assumption[] = [
  LOGIN,
  ABSENT,
  RATE,
  LIMITS,
  ...PAGES.map(pageAssumption),
  ...SINGLE,
  PEERS,
  ...AUDITED.map(auditAssumption),
  ...QUERIES.map(queryAssumption),
  UTILIZATION,
];
