/** Which org, which client, with which grants. */
import type platformClient from 'purecloud-platform-client-v2';
import { ok, type Call, type Reply } from './call.js';
import { SEED_DATE } from './model.js';

type Organization = platformClient.Models.Organization;
type TokenInfo = platformClient.Models.TokenInfo;
type AuthzSubject = platformClient.Models.AuthzSubject;

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

/** `GET /api/v2/authorization/subjects/me`: one grant, a role that holds every permission. */
export function showSubject({ caller }: Call): Reply {
  const { client } = caller;
  const policies = client.permissions.map((permission) => {
    const [domain = '*', entityName = '*', action = '*'] = permission.split(':');
    return { domain, entityName, actions: [action] };
  });
  const body: AuthzSubject = {
    id: client.id,
    name: client.id,
    version: 1,
    grants: [
      {
        subjectId: client.id,
        division: { id: '*', name: '', description: '', selfUri: '' },
        role: { id: `role-${client.id}`, name: `Role of ${client.id}`, policies },
        grantMadeAt: SEED_DATE,
      },
    ],
    selfUri: `/api/v2/authorization/subjects/${client.id}`,
  };
  return ok(body);
}
