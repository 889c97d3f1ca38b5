/**
 * Listings of what queues and schedules refer to and no client makes here: call flows, prompts,
 * scripts, groups and libraries of responses. They come from the org file, by their names.
 */
import type platformClient from 'purecloud-platform-client-v2';
import { ok, type Call, type Reply } from './call.js';
import { idFrom } from './ids.js';
import { countedPage, cursorPage, sortedByName } from './listing.js';
import { SEED_DATE, type Flow, type Named } from './model.js';
import type { OrgFile } from './org-file-types.js';

type ShownFlow = platformClient.Models.Flow;
type Prompt = platformClient.Models.Prompt;
type Script = platformClient.Models.Script;
type Group = platformClient.Models.Group;
type Library = platformClient.Models.Library;
type Team = platformClient.Models.Team;
type ForeignKey = 'prompts' | 'scripts' | 'groups' | 'teams' | 'libraries';

interface Foreign {
  readonly what: string;
  readonly inFile: ForeignKey;
  readonly path: string;
  /** Empty where anybody may list them. */
  readonly permission: string;
  readonly show: (one: Named) => object;
  /** Default: in pages that are counted. */
  readonly inPages?: typeof cursorPage;
}

const MAX_PAGE = 100;
const FLOWS = '/api/v2/flows';

export const FOREIGN: readonly Foreign[] = [
  {
    what: 'prompt',
    inFile: 'prompts',
    path: '/api/v2/architect/prompts',
    permission: 'architect:userPrompt:view',
    show: ({ id, name }): Prompt => ({ id, name, resources: [] }),
  },
  {
    what: 'script',
    inFile: 'scripts',
    path: '/api/v2/scripts',
    permission: 'scripter:script:view',
    show: ({ id, name }): Script => ({ id, name, createdDate: SEED_DATE }),
  },
  {
    what: 'group',
    inFile: 'groups',
    path: '/api/v2/groups',
    permission: '',
    show: ({ id, name }): Group => ({
      id,
      name,
      memberCount: 0,
      state: 'active',
      type: 'official',
      rulesVisible: true,
      visibility: 'public',
    }),
  },
  {
    what: 'team',
    inFile: 'teams',
    path: '/api/v2/teams',
    permission: 'groups:team:view',
    show: ({ id, name }): Team => ({ id, name, memberCount: 0 }),
    inPages: cursorPage,
  },
  {
    what: 'response library',
    inFile: 'libraries',
    path: '/api/v2/responsemanagement/libraries',
    permission: 'responses:library:view',
    show: ({ id, name }): Library => ({ id, name, version: 1 }),
  },
];

/** By the path of their listing. */
export function seedForeign(file: OrgFile): ReadonlyMap<string, Named[]> {
  return new Map(
    FOREIGN.map(({ what, inFile, path }) => [
      path,
      (file[inFile] ?? []).map((name): Named => ({ id: idFrom(`${what}/${name}`), name })),
    ]),
  );
}

/** `GET` of each: by name, with a total. */
export const FOREIGN_ROUTES = [
  ...FOREIGN.map(
    (of) => ['GET', of.path, of.permission, (call: Call): Reply => listed(call, of)] as const,
  ),
  ['GET', FLOWS, 'architect:flow:view', listFlows] as const,
];

function listed(call: Call, { path, show, inPages = countedPage }: Foreign): Reply {
  const all = sortedByName(call, call.org.foreign.get(path) ?? []);
  return ok(inPages(call, all, MAX_PAGE, (one) => ({ ...show(one), selfUri: uriOf(path, one) })));
}

function listFlows(call: Call): Reply {
  const all = sortedByName(call, call.org.flows);
  return ok(countedPage(call, all, MAX_PAGE, shownFlow));
}

/** A type is called otherwise here than dependency tracking calls it. */
function shownFlow(flow: Flow): ShownFlow {
  const { id, name, type } = flow;
  return {
    id,
    name,
    type: type.replace(/FLOW$/, ''),
    active: true,
    system: false,
    deleted: false,
    selfUri: uriOf(FLOWS, flow),
  };
}

function uriOf(path: string, { id }: Named): string {
  return `${path}/${id}`;
}
