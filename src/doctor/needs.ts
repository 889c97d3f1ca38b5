/**
 * Which permissions of the platform strategos needs, and what for: the one table of them. Names and
 * endpoints are those of the SDK's documentation.
 */

/** What cannot be done without it. */
export type Purpose = 'plan' | 'apply' | 'more' | 'doctor';

export interface Need {
  /** One of these is enough; the first is the one to ask for. */
  readonly anyOf: readonly [string, ...string[]];
  /** `more`: plans and applies go without; `doctor`: it is for `doctor --write` alone. */
  readonly for: Purpose;
  /** What it is used for. */
  readonly use: string;
  /** What is lost where it is missing. */
  readonly without: string;
  /** What is asked of the platform with it: method and path, ids as braces. */
  readonly endpoints: readonly string[];
  /** Kinds whose objects need it; absent for all of them. */
  readonly kinds?: readonly string[];
  /** What it finds where a manifest refers to one, as references call it. */
  readonly to?: string;
  /** Where the kinds have several: the backend that needs it; absent for every one. */
  readonly backend?: string;
}

const TABLES = '/api/v2/flows/datatables';
const ROWS = `${TABLES}/{}/rows`;
const STRATEGIES = '/api/v2/routing/strategies';
const STRATEGY = ['RoutingStrategy'] as const;

const METHOD: Readonly<Record<string, string>> = { add: 'POST', edit: 'PUT', delete: 'DELETE' };

/** A row of a data table, for which a permission of the table is enough as well. */
function row(verb: string): readonly [string, string] {
  return [`architect:datatableRow:${verb}`, `architect:datatable:${verb}`];
}

/** What a kind of the platform's own API needs, where manifests declare objects of it. */
interface KindNeeds {
  readonly kind: string;
  /** What references call one, where its permission to read is for that as well. */
  readonly to?: string;
  /** Kinds that its objects refer to: before one of those is deleted, these are looked at. */
  readonly holds?: readonly string[];
  readonly many: string;
  readonly path: string;
  /** By what is done; absent where no permission is needed, or the platform does not do it. */
  readonly can: Readonly<Partial<Record<'view' | 'add' | 'edit' | 'delete', Need['anyOf']>>>;
  readonly editedBy?: 'PATCH' | 'PUT';
  /** What else is asked of the platform to do it, below an object. */
  readonly below?: Readonly<Partial<Record<'view' | 'add' | 'edit' | 'delete', string>>>;
}

const VERBS = { view: 'read', add: 'make', edit: 'change', delete: 'delete' } as const;

function needsOfKind(needs: KindNeeds): Need[] {
  const { kind, to, holds = [], many, path, can, editedBy = 'PUT', below } = needs;
  const endpoints = {
    view: [`GET ${path}`, `GET ${path}/{}`],
    add: [`POST ${path}`],
    edit: [`${editedBy} ${path}/{}`],
    delete: [`DELETE ${path}/{}`],
  };
  return (['view', 'add', 'edit', 'delete'] as const).flatMap((verb): Need[] => {
    const anyOf = can[verb];
    if (anyOf === undefined) return [];
    const use = `${VERBS[verb]} ${many}, where manifests declare them`;
    const without =
      verb === 'view'
        ? `no plan with a manifest of a ${kind} can be made` +
          (holds.length === 0 ? '' : `, and no ${holds.join(' or ')} deleted without --force`)
        : `no apply can ${VERBS[verb]} a ${kind}`;
    const all = [...endpoints[verb], ...(below?.[verb] === undefined ? [] : [below[verb]])];
    const kinds = verb === 'view' ? [kind, ...holds] : [kind];
    const found = verb === 'view' && to !== undefined ? { to } : {};
    return [{ anyOf, for: 'more', use, without, endpoints: all, kinds, ...found }];
  });
}

/** `routing:wrapupCode` → what is asked of most kinds. */
function verbsOf(entity: string): KindNeeds['can'] {
  return {
    view: [`${entity}:view`],
    add: [`${entity}:add`],
    edit: [`${entity}:edit`],
    delete: [`${entity}:delete`],
  };
}

/** Of kinds beside strategies: one entry a kind. */
const KIND_NEEDS: readonly KindNeeds[] = [
  {
    kind: 'Skill',
    many: 'skills',
    path: '/api/v2/routing/skills',
    // To read them is needed for strategies as well, and stands there.
    can: {
      add: ['routing:skill:create', 'routing:skill:manage'],
      edit: ['routing:skill:update'],
      delete: ['routing:skill:delete', 'routing:skill:manage'],
    },
    editedBy: 'PATCH',
  },
  {
    kind: 'WrapupCode',
    to: 'wrap-up code',
    many: 'wrap-up codes',
    path: '/api/v2/routing/wrapupcodes',
    can: verbsOf('routing:wrapupCode'),
  },
  {
    kind: 'Queue',
    many: 'queues',
    path: '/api/v2/routing/queues',
    // To list them is needed for strategies as well, and stands there.
    can: {
      add: ['routing:queue:add'],
      edit: ['routing:queue:edit'],
      delete: ['routing:queue:delete'],
    },
  },
  {
    kind: 'DataTable',
    many: 'data tables',
    path: TABLES,
    // To find and to make them is needed for records as well, and stands there.
    can: {
      edit: ['architect:datatable:edit'],
      delete: ['architect:datatable:delete'],
    },
  },
  {
    kind: 'Schedule',
    to: 'schedule',
    many: 'schedules',
    path: '/api/v2/architect/schedules',
    can: verbsOf('routing:schedule'),
  },
  {
    kind: 'ScheduleGroup',
    holds: ['Schedule'],
    many: 'schedule groups',
    path: '/api/v2/architect/schedulegroups',
    can: verbsOf('routing:scheduleGroup'),
  },
  {
    kind: 'EmergencyGroup',
    many: 'emergency groups',
    path: '/api/v2/architect/emergencygroups',
    can: verbsOf('routing:emergencyGroup'),
  },
  {
    kind: 'SkillGroup',
    to: 'skill group',
    holds: ['Skill', 'Language'],
    many: 'skill groups',
    path: '/api/v2/routing/skillgroups',
    can: verbsOf('routing:skillGroup'),
    editedBy: 'PATCH',
    below: {
      view: 'GET /api/v2/routing/skillgroups/{}/members/divisions',
      // Its divisions are changed with the permission to make one.
      add: 'POST /api/v2/routing/skillgroups/{}/members/divisions',
    },
  },
];

/** What queues refer to and no kind manages: listed where a manifest names one. */
const NAMED_NEEDS: readonly Need[] = [
  ['flow', 'flows', 'architect:flow:view', '/api/v2/flows'],
  ['prompt', 'prompts', 'architect:userPrompt:view', '/api/v2/architect/prompts'],
  ['script', 'scripts', 'scripter:script:view', '/api/v2/scripts'],
  ['team', 'teams', 'groups:team:view', '/api/v2/teams'],
  [
    'response library',
    'libraries of responses',
    'responses:library:view',
    '/api/v2/responsemanagement/libraries',
  ],
].map(([to = '', many = '', permission = '', path = '']): Need => ({
  anyOf: [permission],
  for: 'more',
  use: `find ${many} by their names, where queues name them`,
  without: `no plan with a manifest that names one can be made`,
  endpoints: [`GET ${path}`],
  kinds: ['Queue'],
  to,
}));

export const NEEDS: readonly Need[] = [
  {
    anyOf: ['architect:datatable:view'],
    for: 'plan',
    use: 'find the data tables of strategies and records',
    without: 'no plan can be made',
    endpoints: [`GET ${TABLES}`],
  },
  {
    anyOf: row('view'),
    for: 'plan',
    use: 'read their rows',
    without: 'no plan can be made',
    endpoints: [`GET ${ROWS}`, `GET ${ROWS}/{}`],
  },
  {
    anyOf: ['routing:queue:view'],
    for: 'plan',
    use: 'find queues by their names',
    without: 'no plan can be made',
    endpoints: ['GET /api/v2/routing/queues'],
    kinds: ['RoutingStrategy', 'Queue', 'Skill', 'SkillGroup', 'WrapupCode'],
    to: 'queue',
  },
  {
    anyOf: ['routing:skill:view'],
    for: 'plan',
    use: 'find skills by their names',
    without: 'no plan can be made',
    endpoints: ['GET /api/v2/routing/skills'],
    kinds: ['RoutingStrategy', 'Skill'],
    to: 'skill',
  },
  {
    anyOf: ['routing:strategy:view'],
    for: 'plan',
    use: 'read strategies',
    without: 'no plan can be made',
    endpoints: [`GET ${STRATEGIES}`],
    // What they refer to is not deleted.
    kinds: ['RoutingStrategy', 'Queue', 'Skill'],
    backend: 'strategies-api',
  },
  ...['add', 'edit', 'delete'].map((verb): Need => ({
    anyOf: [`routing:strategy:${verb}`],
    for: 'apply',
    use: `${verb} strategies`,
    without: `no apply can ${verb} a strategy`,
    endpoints: [`${METHOD[verb] ?? ''} ${STRATEGIES}${verb === 'add' ? '' : '/{}'}`],
    kinds: STRATEGY,
    backend: 'strategies-api',
  })),
  {
    anyOf: ['architect:datatable:add'],
    for: 'apply',
    use: 'make the data tables, once',
    without: 'the first apply cannot make its data tables',
    endpoints: [`POST ${TABLES}`],
  },
  {
    anyOf: row('add'),
    for: 'apply',
    use: 'take the lock, and add records and rows',
    without: 'no apply can take its lock',
    endpoints: [`POST ${ROWS}`],
  },
  {
    anyOf: row('edit'),
    for: 'apply',
    use: 'change records and rows',
    without: 'no apply can record what it did',
    endpoints: [`PUT ${ROWS}/{}`],
  },
  {
    anyOf: row('delete'),
    for: 'apply',
    use: 'give the lock back, and remove records and rows',
    without: 'no apply can give its lock back',
    endpoints: [`DELETE ${ROWS}/{}`],
  },
  {
    anyOf: [
      'routing:queue:view',
      'routing:queue:edit',
      'routing:queue:readonly',
      'routing:queueMember:manage',
    ],
    for: 'more',
    use: 'check that agents have the skills of a strategy',
    without: 'that check cannot be made, and fails where a strategy has it at error',
    endpoints: ['GET /api/v2/routing/queues/{}/members'],
    kinds: STRATEGY,
  },
  {
    anyOf: ['routing:utilization:view', 'routing:utilization:manage'],
    for: 'more',
    use: 'check free capacity',
    without: 'that check cannot be made, and fails where a strategy has it at error',
    endpoints: ['GET /api/v2/routing/utilization'],
    kinds: STRATEGY,
  },
  {
    anyOf: ['analytics:queueObservation:view'],
    for: 'more',
    use: 'see what queues hold now: checks and optimize',
    without: 'checks of capacity cannot be made, and optimize moves nothing',
    endpoints: [
      'POST /api/v2/analytics/queues/observations/query',
      'POST /api/v2/analytics/routing/activity/query',
    ],
    kinds: STRATEGY,
  },
  {
    anyOf: ['analytics:conversationAggregate:view'],
    for: 'more',
    use: 'metrics',
    without: 'metrics shows nothing',
    endpoints: ['POST /api/v2/analytics/conversations/aggregates/query'],
    kinds: STRATEGY,
  },
  {
    anyOf: ['architect:dependencyTracking:view'],
    for: 'more',
    use: 'see which flows use what a plan deletes',
    without: 'a delete of what flows may use is held until --force',
    endpoints: ['GET /api/v2/architect/dependencytracking/consumingresources'],
    kinds: [
      ...['Skill', 'Language', 'WrapupCode', 'Queue', 'DataTable'],
      ...['Schedule', 'ScheduleGroup', 'EmergencyGroup'],
    ],
  },
  {
    anyOf: ['audits:audit:view'],
    for: 'more',
    use: 'say who changed what: drift and audit trail',
    without: 'drift says by whom for nothing, and audit trail shows our own runs alone',
    endpoints: ['GET /api/v2/audits/query/servicemapping', 'POST /api/v2/audits/query'],
  },
  ...KIND_NEEDS.flatMap(needsOfKind),
  ...NAMED_NEEDS,
  {
    anyOf: ['routing:skill:manage', 'routing:language:manage'],
    for: 'more',
    use: 'make and delete languages, where manifests declare them',
    without: 'no apply can make or delete a Language',
    endpoints: ['POST /api/v2/routing/languages', 'DELETE /api/v2/routing/languages/{}'],
    kinds: ['Language'],
  },
  {
    anyOf: ['architect:datatable:delete'],
    for: 'doctor',
    use: 'remove the table of doctor --write',
    without: 'doctor --write makes no table, as it could not remove it',
    endpoints: [`DELETE ${TABLES}/{}`],
  },
];

/** Those of an environment with this backend. */
export function needsOf(backend: string): readonly Need[] {
  return NEEDS.filter((need) => need.backend === undefined || need.backend === backend);
}

/** What manifests declare and refer to, and what a command does. */
export interface Uses {
  /** None: strategies are what this is for. */
  readonly kinds: ReadonlySet<string>;
  /** As references call them. */
  readonly types: ReadonlySet<string>;
  /** It tries a table of its own. */
  readonly writes: boolean;
}

export function isNeeded(need: Need, { kinds, types, writes }: Uses): boolean {
  if (need.for === 'doctor') return writes;
  if (need.to !== undefined && types.has(need.to)) return true;
  if (NAMED_NEEDS.includes(need)) return false;
  const declared = kinds.size === 0 ? STRATEGY : [...kinds];
  return need.kinds === undefined || declared.some((kind) => need.kinds?.includes(kind));
}

/** For people: what a permission is for that is not needed. */
export function usersOf(need: Need, declared: ReadonlySet<string>): readonly string[] {
  const { for: purpose, kinds = [], to } = need;
  if (purpose === 'doctor') return ['doctor --write'];
  // Those that are declared name none of these: it is not the kind that nothing here needs.
  return kinds.map((kind) =>
    to !== undefined && declared.has(kind) ? `${kind} that names a ${to}` : kind,
  );
}

/** What the clients of a repository have to be permitted, for whoever makes them. */
export interface Permitted {
  readonly reads: readonly string[];
  /** Beside what reads. */
  readonly writes: readonly string[];
  /** Of kinds beside strategies, where manifests declare them. */
  readonly kinds: readonly {
    readonly kind: string;
    readonly reads: readonly string[];
    readonly writes: readonly string[];
  }[];
}

/** The first of each that is enough; the kinds in the order of their names. */
export function permittedOn(backend: string): Permitted {
  const needs = needsOf(backend).filter((need) => need.for !== 'doctor');
  const isOurs = ({ kinds }: Need): boolean => kinds?.includes('RoutingStrategy') ?? true;
  const own = split(needs.filter(isOurs), []);
  const others = needs.filter((need) => !isOurs(need));
  const names = [...new Set(others.flatMap(({ kinds = [] }) => kinds))].sort();
  const kinds = names.map((kind) => {
    const needed = others.filter((need) => need.kinds?.includes(kind) === true);
    return { kind, ...split(needed, [...own.reads, ...own.writes]) };
  });
  return { ...own, kinds };
}

/** A query is sent by POST, and reads. */
export function looks({ endpoints }: Need): boolean {
  return endpoints.every((endpoint) => /^GET |\/query$/.test(endpoint));
}

function split(
  needs: readonly Need[],
  known: readonly string[],
): { readonly reads: readonly string[]; readonly writes: readonly string[] } {
  const named = (of: readonly Need[]): string[] =>
    [...new Set(of.map(({ anyOf: [first] }) => first))].filter((one) => !known.includes(one));
  const reading = named(needs.filter(looks));
  const writing = named(needs.filter((need) => !looks(need)));
  return { reads: reading, writes: writing.filter((one) => !reading.includes(one)) };
}
