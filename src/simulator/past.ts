/**
 * What single objects were before the last write to each, for reads that lag behind it: a strategy
 * by its id, a row by its key. Edits of the people of the faults are seen at once.
 */
import { isObject, textOf, type Json } from '../core/json.js';
import { answer, type Org, type SimRequest, type SimResponse } from './org.js';

interface Past {
  /** Absent where there was none. */
  readonly was: unknown;
  readonly writtenAt: number;
}

const STRATEGY = /^\/api\/v2\/routing\/strategies(?:\/([^/]+))?$/;
const ROW = /^\/api\/v2\/flows\/datatables\/([^/]+)\/rows(?:\/([^/]+))?$/;

const pasts = new WeakMap<Org, Map<string, Past>>();

interface Place {
  readonly all: Map<string, unknown>;
  readonly key: string;
  readonly name: string;
}

/** The object that a request is about; `null` where it is about none by itself. */
function requestedObject(org: Org, path: string, created: string): Place | null {
  const pathname = path.split('?', 1)[0] ?? '';
  const [strategy, id = created] = STRATEGY.exec(pathname) ?? [];
  if (strategy !== undefined) {
    return id === '' ? null : { all: org.strategies, key: id, name: `strategy ${id}` };
  }
  const [row, tableId = '', part] = ROW.exec(pathname) ?? [];
  const rows = org.tables.get(tableId)?.rows;
  const key = part === undefined ? created : decoded(part);
  if (row === undefined || rows === undefined || key === '') return null;
  return { all: rows, key, name: `row ${tableId} ${key}` };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

/** Answers as `answer` does, and keeps what the object of a write was before it. */
export function answerAndKeep(org: Org, request: SimRequest, at: number): SimResponse {
  if (request.method === 'GET') return answer(org, request, at);
  const before = requestedObject(org, request.path, '');
  const was = before?.all.get(before.key);
  const response = answer(org, request, at);
  if (response.status > 299) return response;
  const place = before ?? requestedObject(org, request.path, createdIn(response));
  if (place === null) return response;
  const kept = pasts.get(org) ?? new Map<string, Past>();
  pasts.set(org, kept.set(place.name, { was, writtenAt: at }));
  return response;
}

/** Of a strategy or a row that was made. */
function createdIn({ body }: SimResponse): string {
  const created = body.startsWith('{') ? (JSON.parse(body) as Json) : null;
  return isObject(created) ? textOf(created['key'] ?? created['id']) : '';
}

/** As `answer`, of an object that was written within `lagMs` as it was before. */
export function answerFromPast(
  org: Org,
  request: SimRequest,
  { at, lagMs }: { readonly at: number; readonly lagMs: number },
): SimResponse {
  const place = requestedObject(org, request.path, '');
  const past = place === null ? undefined : pasts.get(org)?.get(place.name);
  if (place === null || past === undefined || at - past.writtenAt > lagMs) {
    return answer(org, request, at);
  }
  const { all, key } = place;
  // Put back as a whole: the order of what is there tells which came last.
  const now = [...all];
  if (past.was === undefined) all.delete(key);
  else all.set(key, past.was);
  const response = answer(org, request, at);
  all.clear();
  for (const [name, value] of now) all.set(name, value);
  return response;
}
