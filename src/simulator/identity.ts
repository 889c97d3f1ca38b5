/** Which org, which client, with which grants. */
import type platformClient from 'purecloud-platform-client-v2';
import type { OrgObserved } from '../generated/types.js';
import { notFound } from './refusal.js';
import { ok, param, type Call, type Reply } from './call.js';
import { isObservedClient } from './manners.js';
import { SEED_DATE, type Client } from './model.js';

type Organization = platformClient.Models.Organization;
type TokenInfo = platformClient.Models.TokenInfo;
type AuthzSubject = platformClient.Models.AuthzSubject;
type LimitsEntityListing = platformClient.Models.LimitsEntityListing;

/** `GET /api/v2/organizations/me` */
export function showOrganization({ org }: Call): Reply {
  const body: Organization = {
    id: org.id,
    name: org.name,
    thirdPartyOrgName: org.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    defaultLanguage: 'en-us',
    defaultCountryCode: 'US',
    state: 'active',
    version: 1,
    features: {},
    selfUri: `/api/v2/organizations/${org.id}`,
  };
  return ok(body);
}

/** `GET /api/v2/tokens/me` */
export function showToken({ org, caller }: Call): Reply {
  const organization = { id: org.id, name: org.name };
  const body: TokenInfo = {
    organization,
    homeOrganization: organization,
    authorizedScope: [],
    OAuthClient: {
      id: caller.client.id,
      name: caller.client.id,
      authorizedGrantType: 'CLIENT-CREDENTIALS',
      scope: [],
      roleDivisions: [],
      state: 'active',
      organization,
    },
  };
  return ok(body);
}

type Role = NonNullable<OrgObserved['roles']>[number];

function everywhere({ id, permissions }: Client): Role {
  return { name: `Role of ${id}`, divisions: ['*'], permissions: [...permissions] };
}

function policyOf(permission: string): { domain: string; entityName: string; actions: string[] } {
  const [domain = '*', entityName = '*', action = '*'] = permission.split(':');
  return { domain, entityName, actions: [action] };
}

/** `GET /api/v2/authorization/subjects/me`: one grant, a role that holds every permission. */
export function showSubject({ org, caller }: Call): Reply {
  const { client } = caller;
  const seen = isObservedClient(org, client.id) ? org.manners.roles : undefined;
  const body: AuthzSubject = {
    id: client.id,
    name: client.id,
    version: 1,
    grants: (seen ?? [everywhere(client)]).flatMap(({ name, divisions, permissions }) =>
      divisions.map((division) => ({
        subjectId: client.id,
        division: {
          id: division,
          name: division === '*' ? '' : division,
          description: '',
          selfUri: '',
        },
        role: { id: `role-${name}`, name, policies: permissions.map(policyOf) },
        grantMadeAt: SEED_DATE,
      })),
    ),
    selfUri: `/api/v2/authorization/subjects/${client.id}`,
  };
  return ok(body);
}

/** What an org may have, as far as its keys are known. */
const LIMITS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'platform.api': {
    'client.credentials.token.rate.per.minute': 300,
    'request.bytes.max': 512_000,
  },
  datatables: {},
};

/** `GET /api/v2/organizations/limits/namespaces/{namespaceName}` */
export function showLimits(call: Call): Reply {
  const namespace = param(call, 'namespaceName');
  const all = call.org.manners.limits ?? LIMITS;
  if (!Object.hasOwn(all, namespace)) throw notFound('Namespace', namespace);
  const entities = Object.entries(all[namespace] ?? {}).map(([key, value]) => ({
    namespace,
    key,
    value,
  }));
  const body: LimitsEntityListing = { entities };
  return ok(body);
}
