/** Client credentials: `POST /oauth/token`, and who is behind a bearer token. */
import type { Caller, Reply } from './call.js';
import { nextId } from './call.js';
import { isObservedClient } from './manners.js';
import type { Org, Token } from './model.js';
import { Refusal } from './refusal.js';

/** Expired tokens are kept this long, so that they are told apart from invented ones. */
const REMEMBER_EXPIRED_MS = 3_600_000;

export interface TokenRequest {
  readonly authorization: string | undefined;
  readonly form: string;
}

/** Mints a token. The error shapes are those of OAuth, not ErrorBody. */
export function mintToken(org: Org, request: TokenRequest, at: number): Reply {
  const grant = new URLSearchParams(request.form).get('grant_type');
  if (grant !== 'client_credentials') {
    return oauthError(400, 'unsupported_grant_type', 'grant_type must be client_credentials');
  }
  const pair = credentialsIn(request.authorization);
  const client = pair === null ? undefined : org.clients.get(pair.id);
  if (client === undefined) return oauthError(400, 'invalid_client', 'client not found');
  const { login } = org.manners;
  if (login !== undefined && login.status !== 200 && isObservedClient(org, client.id)) {
    return oauthError(login.status, login.code, 'as the org of the profile answered');
  }
  if (client.secret !== pair?.secret) {
    return oauthError(401, 'invalid_client', 'authentication failed');
  }
  for (const [value, token] of org.tokens) {
    if (token.expiresAt + REMEMBER_EXPIRED_MS < at) org.tokens.delete(value);
  }
  const value = `${nextId(org, 'token')}${nextId(org, 'token')}`.replaceAll('-', '');
  const expiresAt = at + client.tokenSeconds * 1000;
  org.tokens.set(value, { value, clientId: client.id, expiresAt, windowStart: at, count: 0 });
  const body = { access_token: value, token_type: 'bearer', expires_in: client.tokenSeconds };
  return { status: 200, body };
}

function oauthError(status: number, error: string, description: string): Reply {
  return { status, body: { error, description, error_description: description } };
}

function credentialsIn(authorization: string | undefined): { id: string; secret: string } | null {
  const encoded = /^basic\s+([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return null;
  const pair = decodeBase64(encoded);
  const colon = pair.indexOf(':');
  return colon < 0 ? null : { id: pair.slice(0, colon), secret: pair.slice(colon + 1) };
}

/** Empty for what is not base64 of UTF-8. */
function decodeBase64(encoded: string): string {
  try {
    const binary = atob(encoded);
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return '';
  }
}

/** The token that a request carries, dead or alive; `null` for none, or one that is not known. */
export function carriedToken(org: Org, authorization: string | undefined): Token | null {
  return org.tokens.get(bearerIn(authorization) ?? '') ?? null;
}

function bearerIn(authorization: string | undefined): string | undefined {
  return /^bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
}

/** 401 `authentication.required`, `bad.credentials` or `credentials.expired`. */
export function authenticate(org: Org, authorization: string | undefined, at: number): Caller {
  const value = bearerIn(authorization);
  if (value === undefined) {
    const message = 'No authentication bearer token specified in authorization header.';
    throw new Refusal(401, 'authentication.required', message);
  }
  const token = org.tokens.get(value);
  const client = token === undefined ? undefined : org.clients.get(token.clientId);
  if (token === undefined || client === undefined) {
    throw new Refusal(401, 'bad.credentials', 'Invalid login credentials.');
  }
  if (at >= token.expiresAt) {
    throw new Refusal(401, 'credentials.expired', 'The access token has expired.');
  }
  const user = client.userId === null ? null : (org.users.get(client.userId) ?? null);
  return { client, token, user };
}
