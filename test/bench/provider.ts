/**
 * The requests that the Genesys Terraform provider makes to read a whole org, as a model of its code
 * (MyPureCloud/terraform-provider-genesyscloud v1.84.1, commit f955430): nothing of it was run. Beside
 * each term stand the file and the function that it follows from; packages are those of `genesyscloud/`.
 */

/** What a configuration has, all of it managed. */
export interface Contents {
  readonly queues: number;
  readonly membersEach: number;
  readonly codesEach: number;
  readonly skills: number;
  readonly languages: number;
  readonly codes: number;
  readonly schedules: number;
  readonly scheduleGroups: number;
  readonly tables: number;
  readonly rowsEach: number;
}

/** How many requests each piece of work takes, one after the other; pieces go side by side. */
export type Pieces = readonly number[];

const pages = (count: number, size: number): number => Math.max(1, Math.ceil(count / size));
const times = (count: number, each: number): number[] => Array.from({ length: count }, () => each);

/**
 * Codes and members of a queue, at every read. Codes: getAllRoutingQueueWrapupCodesFn in
 * routing_queue/genesyscloud_routing_queue_proxy.go, by 100, in a cache that GetRoutingQueueProxy makes
 * anew for every queue. Members: getRoutingQueueMembers in
 * routing_queue/resource_genesyscloud_routing_queue_members.go, by 100 until a page is empty.
 */
function partsOfQueue({ codesEach, membersEach }: Contents): number {
  return pages(codesEach, 100) + Math.ceil(membersEach / 100) + 1;
}

/**
 * `terraform plan`: every resource by itself. Nothing is taken from a cache: GetCacheItem of
 * resource_cache/resource_cache.go has something only while an export runs.
 */
export function refreshPieces(org: Contents): Pieces {
  return [
    // The queue in readRoutingQueue (routing_queue/resource_genesyscloud_routing_queue.go), and once
    // more in getRoutingQueueMembers, for the count of its members.
    ...times(org.queues, 2 + partsOfQueue(org)),
    // getRoutingSkillByIdFn, getRoutingLanguageByIdFn, getRoutingWrapupcodeByIdFn,
    // getArchitectSchedulesByIdFn, getArchitectSchedulegroupsByIdFn: …_proxy.go of each package.
    ...times(org.skills + org.languages + org.codes + org.schedules + org.scheduleGroups, 1),
    // getArchitectDatatableFn in architect_datatable/…_proxy.go; and once more a table, for the
    // defaults of its rows: getArchitectDatatableCached in architect_datatable_row/…_utils.go.
    ...times(org.tables, 2),
    // getArchitectDataTableRowFn in architect_datatable_row/…_proxy.go.
    ...times(org.tables * org.rowsEach, 1),
  ];
}

/** `genesyscloud_tf_export` of these types: lists first, retrieveSanitizedResourceMaps. */
export function exportLists(org: Contents): Pieces {
  return [
    // getAllRoutingQueues lists twice, without and with a peer; GetAllRoutingQueuesFn by 500.
    pages(org.queues, 500) + 1,
    // getAllRoutingSkillsFn by 500, and all others by 100: getAllRoutingLanguagesFn,
    // getAllRoutingWrapupcodeFn, getAllArchitectSchedulesFn, getAllArchitectSchedulegroupsFn.
    pages(org.skills, 500),
    ...[org.languages, org.codes, org.schedules, org.scheduleGroups].map((n) => pages(n, 100)),
    // getAllArchitectDatatableFn, once for tables and once for rows, which getAllArchitectDatatableRows
    // then lists table by table, by 100.
    pages(org.tables, 100),
    pages(org.tables, 100) + org.tables * pages(org.rowsEach, 100),
  ];
}

/**
 * Then every object by its own read, retrieveGenesysCloudObjectInstances. Queues, skills, languages,
 * codes, schedules and rows are taken from what the lists have left in caches; schedule groups and
 * tables have none (their …_proxy.go).
 */
export function exportReads(org: Contents): Pieces {
  return [...times(org.queues, partsOfQueue(org)), ...times(org.scheduleGroups + org.tables, 1)];
}

/** getAllRoutingQueues waits before it lists. */
export const EXPORT_WAIT_MS = 5000;
