/** Every call that is simulated, as data. Permissions as the SDK's documentation names them. */
import { queryAggregates } from './aggregates.js';
import { queryObservations } from './analytics.js';
import { showServiceMapping } from './audit-mapping.js';
import { queryRealtime, showQuery, showResults, submitQuery } from './audits.js';
import type { Call, Reply } from './call.js';
import { createImport, showImport } from './datatable-imports.js';
import { createRow, deleteRow, listRows, replaceRow, showOneRow } from './datatable-rows.js';
import { createTable, deleteTable, listTables, replaceTable, showOneTable } from './datatables.js';
import { listConsumers } from './dependency-tracking.js';
import { listUsers, listUserSkills, showOneUser } from './directory.js';
import { showUtilization } from './directory.js';
import { showLimits, showOrganization, showSubject, showToken } from './identity.js';
import { listDivisions } from './named-things.js';
import { addQueueCodes, changeMember, listMembers, listQueueCodes } from './queue-parts.js';
import { removeQueueCode, writeMembers } from './queue-parts.js';
import { createQueue, deleteQueue, listQueues, moveToDivision } from './queues.js';
import { replaceQueue, showOneQueue } from './queues.js';
import { badRequest, Refusal } from './refusal.js';
import { queryActivity } from './routing-activity.js';
import {
  createStrategy,
  deleteStrategy,
  listStrategies,
  showOneStrategy,
  updateStrategy,
} from './strategies.js';
import { FOREIGN_ROUTES } from './foreign-listings.js';
import { THING_ROUTES } from './things.js';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Route {
  readonly method: Method;
  readonly pattern: string;
  /** One of these is needed; none when empty. */
  readonly anyOf: readonly string[];
  readonly respond: (call: Call) => Reply;
}

/** `one|other` in the third place means: one of them is enough. Empty: no permission needed. */
type Row = readonly [Method, string, string, (call: Call) => Reply];

const QUEUE_MEMBERS =
  'routing:queue:view|routing:queue:edit|routing:queue:readonly|routing:queueMember:manage';
const MEMBERS_EDIT = 'routing:queue:edit|routing:queueMember:manage';
const UTILIZATION = 'routing:utilization:manage|routing:utilization:view';
const TRACKING = 'architect:dependencyTracking:view';
const AUDIT = 'audits:audit:view';
const OBSERVATION = 'analytics:queueObservation:view';
const AGGREGATE = 'analytics:conversationAggregate:view';
const IMPORT = 'architect:datatable:edit|architect:datatableRow:add';

const table = (verb: string): string => `architect:datatable:${verb}`;
const row = (verb: string): string => `architect:datatable:${verb}|architect:datatableRow:${verb}`;

const ROWS: readonly Row[] = [
  ['GET', '/api/v2/organizations/me', '', showOrganization],
  ['GET', '/api/v2/tokens/me', '', showToken],
  ['GET', '/api/v2/authorization/subjects/me', '', showSubject],
  ['GET', '/api/v2/organizations/limits/namespaces/{namespaceName}', '', showLimits],

  ['GET', '/api/v2/routing/queues', 'routing:queue:view', listQueues],
  ['GET', '/api/v2/routing/queues/{queueId}', 'routing:queue:view', showOneQueue],
  ['PUT', '/api/v2/routing/queues/{queueId}', 'routing:queue:edit', replaceQueue],
  ['DELETE', '/api/v2/routing/queues/{queueId}', 'routing:queue:delete', deleteQueue],
  ['GET', '/api/v2/routing/queues/{queueId}/members', QUEUE_MEMBERS, listMembers],
  ['POST', '/api/v2/routing/queues', 'routing:queue:add', createQueue],
  ['POST', '/api/v2/routing/queues/{queueId}/members', MEMBERS_EDIT, writeMembers],
  ['PATCH', '/api/v2/routing/queues/{queueId}/members/{memberId}', MEMBERS_EDIT, changeMember],
  ['GET', '/api/v2/routing/queues/{queueId}/wrapupcodes', 'routing:queue:view', listQueueCodes],
  ['POST', '/api/v2/routing/queues/{queueId}/wrapupcodes', 'routing:queue:edit', addQueueCodes],
  [
    'DELETE',
    '/api/v2/routing/queues/{queueId}/wrapupcodes/{codeId}',
    'routing:queue:edit',
    removeQueueCode,
  ],

  ['GET', '/api/v2/architect/dependencytracking/consumingresources', TRACKING, listConsumers],
  ...THING_ROUTES,
  ...FOREIGN_ROUTES,
  ['GET', '/api/v2/authorization/divisions', '', listDivisions],
  [
    'POST',
    '/api/v2/authorization/divisions/{divisionId}/objects/{objectType}',
    'routing:queue:edit',
    moveToDivision,
  ],
  ['GET', '/api/v2/users', '', listUsers],
  ['GET', '/api/v2/users/{userId}', '', showOneUser],
  ['GET', '/api/v2/users/{userId}/routingskills', '', listUserSkills],
  ['GET', '/api/v2/routing/utilization', UTILIZATION, showUtilization],
  ['POST', '/api/v2/analytics/queues/observations/query', OBSERVATION, queryObservations],
  ['POST', '/api/v2/analytics/routing/activity/query', OBSERVATION, queryActivity],
  ['POST', '/api/v2/analytics/conversations/aggregates/query', AGGREGATE, queryAggregates],

  ['GET', '/api/v2/routing/strategies', 'routing:strategy:view', listStrategies],
  ['POST', '/api/v2/routing/strategies', 'routing:strategy:add', createStrategy],
  ['GET', '/api/v2/routing/strategies/{strategyId}', 'routing:strategy:view', showOneStrategy],
  ['PUT', '/api/v2/routing/strategies/{strategyId}', 'routing:strategy:edit', updateStrategy],
  ['DELETE', '/api/v2/routing/strategies/{strategyId}', 'routing:strategy:delete', deleteStrategy],

  ['POST', '/api/v2/audits/query', AUDIT, submitQuery],
  ['POST', '/api/v2/audits/query/realtime', AUDIT, queryRealtime],
  ['GET', '/api/v2/audits/query/servicemapping', AUDIT, showServiceMapping],
  ['GET', '/api/v2/audits/query/realtime/servicemapping', AUDIT, showServiceMapping],
  ['GET', '/api/v2/audits/query/{transactionId}', AUDIT, showQuery],
  ['GET', '/api/v2/audits/query/{transactionId}/results', AUDIT, showResults],

  ['GET', '/api/v2/flows/datatables', table('view'), listTables],
  ['POST', '/api/v2/flows/datatables', table('add'), createTable],
  ['GET', '/api/v2/flows/datatables/{datatableId}', table('view'), showOneTable],
  ['PUT', '/api/v2/flows/datatables/{datatableId}', table('edit'), replaceTable],
  ['DELETE', '/api/v2/flows/datatables/{datatableId}', table('delete'), deleteTable],
  ['GET', '/api/v2/flows/datatables/{datatableId}/rows', row('view'), listRows],
  ['POST', '/api/v2/flows/datatables/{datatableId}/rows', row('add'), createRow],
  ['GET', '/api/v2/flows/datatables/{datatableId}/rows/{rowId}', row('view'), showOneRow],
  ['PUT', '/api/v2/flows/datatables/{datatableId}/rows/{rowId}', row('edit'), replaceRow],
  ['DELETE', '/api/v2/flows/datatables/{datatableId}/rows/{rowId}', row('delete'), deleteRow],
  ['POST', '/api/v2/flows/datatables/{datatableId}/import/csv/jobs', IMPORT, createImport],
  [
    'GET',
    '/api/v2/flows/datatables/{datatableId}/import/jobs/{importJobId}',
    row('view'),
    showImport,
  ],
];

/** The route table. */
export const ROUTES: readonly Route[] = ROWS.map(([method, pattern, permissions, respond]) => ({
  method,
  pattern,
  anyOf: permissions === '' ? [] : permissions.split('|'),
  respond,
}));

interface Place {
  readonly segments: readonly string[];
  readonly routes: ReadonlyMap<string, Route>;
}

/** Patterns with the routes on each; literal segments come before parameters. */
const PLACES: readonly Place[] = [...new Set(ROUTES.map(({ pattern }) => pattern))]
  .map((pattern) => ({
    segments: pattern.split('/'),
    routes: new Map(
      ROUTES.filter((route) => route.pattern === pattern).map((route) => [route.method, route]),
    ),
  }))
  .sort((a, b) => parameters(a.segments) - parameters(b.segments));

function parameters(segments: readonly string[]): number {
  return segments.filter(isParameter).length;
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{');
}

/**
 * The route of a request and the values of its parameters, decoded. 404 `not.found` for a path
 * that no route has, 405 for a path without this method, 400 for a broken percent encoding.
 */
export function findRoute(method: string, path: string): [Route, ReadonlyMap<string, string>] {
  const parts = path.split('/');
  const place = PLACES.find(
    ({ segments }) =>
      segments.length === parts.length &&
      segments.every((segment, index) =>
        isParameter(segment) ? parts[index] !== '' : segment === parts[index],
      ),
  );
  if (place === undefined) throw new Refusal(404, 'not.found', 'There is nothing at this path');
  const route = place.routes.get(method);
  if (route === undefined) {
    const allow = [...place.routes.keys()].join(', ');
    throw new Refusal(405, 'method.not.allowed', `This path takes ${allow}`, {
      headers: { allow },
    });
  }
  const params = new Map<string, string>();
  place.segments.forEach((segment, index) => {
    if (isParameter(segment)) params.set(segment.slice(1, -1), decode(parts[index] ?? ''));
  });
  return [route, params];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badRequest('The path is not validly percent-encoded');
  }
}
