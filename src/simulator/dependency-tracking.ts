/** `GET /api/v2/architect/dependencytracking/consumingresources`: which flows use something. */
import type platformClient from 'purecloud-platform-client-v2';
import { ok, type Call, type Reply } from './call.js';
import { countedPage, sortedByName } from './listing.js';
import type { Flow, Org, Usable } from './model.js';
import { badRequest } from './refusal.js';

type Dependency = platformClient.Models.Dependency;

/** What the platform calls the things that a flow of the org file may use. */
const OBJECT_TYPES: Readonly<Record<string, Usable>> = {
  ACDSKILL: 'skills',
  ACDLANGUAGE: 'languages',
  ACDWRAPUPCODE: 'wrapupCodes',
  QUEUE: 'queues',
  DATATABLE: 'tables',
  SCHEDULE: 'schedules',
  SCHEDULEGROUP: 'scheduleGroups',
  EMERGENCYGROUP: 'emergencyGroups',
};

/** An id that nothing has is used by nobody. 400 for a type that the simulator does not track. */
export function listConsumers(call: Call): Reply {
  const { org, query } = call;
  const [id, type] = [query.get('id') ?? '', query.get('objectType') ?? ''];
  if (id === '') throw badRequest('The required parameter id is missing');
  const used = Object.hasOwn(OBJECT_TYPES, type) ? OBJECT_TYPES[type] : undefined;
  if (used === undefined) throw badRequest(`objectType '${type}' is not one of the known types`);
  const name = nameOf(org, used, id);
  const found = sortedByName(call, org.flows).filter(
    ({ uses }) => name !== null && uses[used]?.includes(name) === true,
  );
  return ok(countedPage(call, found, MAX_PAGE, shown));
}

const MAX_PAGE = 100;

function nameOf(org: Org, used: Usable, id: string): string | null {
  const things = (path: string): string | undefined => org.things.get(path)?.get(id)?.name;
  const names: Readonly<Record<Usable, string | undefined>> = {
    skills: org.skills.get(id)?.name,
    languages: things('/api/v2/routing/languages'),
    wrapupCodes: things('/api/v2/routing/wrapupcodes'),
    queues: org.queues.get(id)?.name,
    tables: org.tables.get(id)?.name,
    schedules: things('/api/v2/architect/schedules'),
    scheduleGroups: things('/api/v2/architect/schedulegroups'),
    emergencyGroups: things('/api/v2/architect/emergencygroups'),
  };
  return names[used] ?? null;
}

function shown({ id, name, version, type }: Flow): Dependency {
  return { id, name, version, type, deleted: false, updated: false, stateUnknown: false };
}
