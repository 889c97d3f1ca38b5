/** One request as a route function sees it, and the readers that every route shares. */
import { isObject, type Json, type JsonObject } from '../core/json.js';
import { idFrom } from './ids.js';
import type { Client, Org, Token, User } from './model.js';
import { badRequest } from './refusal.js';

export interface Caller {
  readonly client: Client;
  readonly token: Token;
  readonly user: User | null;
}

export interface Call {
  readonly org: Org;
  /** Simulated now, milliseconds since the epoch. */
  readonly at: number;
  readonly caller: Caller;
  /** Where this org is reached, `http://127.0.0.1:8080`: for the URLs that are not of the API. */
  readonly origin: string;
  /** Without the query string. */
  readonly path: string;
  readonly params: ReadonlyMap<string, string>;
  readonly query: URLSearchParams;
  readonly text: string;
}

export interface Reply {
  readonly status: number;
  /** Absent: an empty body. */
  readonly body?: object;
}

export function ok(body: object): Reply {
  return { status: 200, body };
}

export const NO_CONTENT: Reply = { status: 204 };

/** A parameter that the route's own pattern names. */
export function param(call: Call, name: string): string {
  const value = call.params.get(name);
  if (value === undefined) throw new Error(`no parameter ${name} in this route`);
  return value;
}

/** The body as an object. 400 `bad.request` for anything else. */
export function bodyOf(call: Call): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(call.text);
  } catch {
    throw badRequest('The request body is not valid JSON');
  }
  if (!isObject(value)) throw badRequest('The request body must be a JSON object');
  return value;
}

/** Own properties only: a body may hold keys such as `__proto__` or `constructor`. */
export function field(body: JsonObject, name: string): JsonObject[string] | undefined {
  return Object.hasOwn(body, name) ? body[name] : undefined;
}

/** The list of this name; empty when left out. 400 `bad.request` for anything else. */
export function listAt(body: JsonObject, name: string): Json[] {
  const value = field(body, name) ?? [];
  if (!Array.isArray(value)) throw badRequest(`${name} must be a list`);
  return value;
}

/** The values of a list parameter: `?id=a,b` and `?id=a&id=b` mean the same. */
export function listOf(query: URLSearchParams, name: string): string[] {
  return query
    .getAll(name)
    .flatMap((value) => value.split(','))
    .filter((value) => value !== '');
}

/** A whole number from the query string. 400 `invalid.value` outside `min` to `max`. */
export function wholeNumber(
  query: URLSearchParams,
  name: string,
  fallback: number,
  [min, max]: readonly [number, number],
): number {
  const text = query.get(name);
  if (text === null || text === '') return fallback;
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < min || value > max) {
    throw badRequest(`${name} must be a whole number from ${min} to ${max}`, 'invalid.value');
  }
  return value;
}

/** The next id of this org, for an object of this kind. */
export function nextId(org: Org, kind: string): string {
  org.made += 1;
  return idFrom(`${org.id}/${kind}/${org.made}`);
}
