/** What the platform audits: services, their entities, and what is done to them. */
import type platformClient from 'purecloud-platform-client-v2';
import { ok, type Call, type Reply } from './call.js';
import type { OrgObserved } from '../generated/types.js';
import { thingsAuditedBy } from './things.js';

type ServiceMapping = platformClient.Models.AuditQueryServiceMapping;

/** `GET /api/v2/audits/query/servicemapping`: the services, entities and actions that exist. */
export function showServiceMapping({ org }: Call): Reply {
  if (org.manners.audit !== undefined) return ok(seenMapping(org.manners.audit));
  const body: ServiceMapping = {
    services: [
      {
        name: 'Routing',
        entities: [
          { name: 'RoutingStrategy', actions: ['Create', 'Update', 'Activate', 'Delete'] },
          { name: 'Queue', actions: ['Update', 'Delete'] },
          ...thingsAuditedBy('Routing'),
        ],
      },
      { name: 'Architect', entities: thingsAuditedBy('Architect') },
      {
        name: 'Datatables',
        entities: [
          { name: 'Schema', actions: ['Create', 'Update', 'Delete'] },
          { name: 'Row', actions: ['Create', 'Update', 'Delete'] },
          { name: 'Bulk', actions: ['Update'] },
        ],
      },
    ],
  };
  return ok(body);
}

function seenMapping(audit: NonNullable<OrgObserved['audit']>): ServiceMapping {
  const services = new Set(audit.map(({ service }) => service));
  return {
    services: [...services].map((name) => ({
      name,
      entities: audit
        .filter(({ service }) => service === name)
        .map(({ entityType, actions }) => ({ name: entityType, actions })),
    })),
  };
}
