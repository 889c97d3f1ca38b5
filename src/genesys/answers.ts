/** What an answer of the platform says; one that says nothing we know is refused. */
import { decoded } from '../core/decoded.js';
import { isObject, objectsIn, textOf, type JsonObject } from '../core/json.js';
import type { Answer } from '../engine/ports.js';
import { unreadable } from './errors.js';

/** What the record of a request keeps of its answer. */
export function headOf(
  status: number,
  headers: unknown,
): { status: number; correlationId: string | null } {
  const id = (headers as Record<string, unknown> | undefined)?.['inin-correlation-id'];
  return { status, correlationId: typeof id === 'string' ? id : null };
}

export function isFailure(status: number): boolean {
  return status < 200 || status > 299;
}

/** What the platform answers with 2xx: an object, or nothing at all; to a list perhaps a list. */
export function isBody(data: unknown, sent: unknown): boolean {
  return data === undefined || isObject(data) || (Array.isArray(sent) && Array.isArray(data));
}

/** The listing says how many pages it has. */
export function saysPages({ body }: Answer): boolean {
  return body?.['pageCount'] != null;
}

/** Of a listing that does not say it, as many as there are in any. */
export function pageCountOf({ request, body }: Answer): number {
  const pageCount = Number(body?.['pageCount'] ?? 1);
  if (pageCount >= 0 && pageCount <= 100_000) return pageCount;
  const message = `an absurd number of pages: ${pageCount}`;
  throw unreadable({ request, body: { message } });
}

const CURSORS = { cursor: /[?&]cursor=([^&#]+)/, after: /[?&]after=([^&#]+)/ } as const;

/** Where the next page begins: by itself, or in the address of that page; else this was all. */
export function cursorIn(
  body: JsonObject | null,
  name: keyof typeof CURSORS = 'cursor',
): string | undefined {
  const next = textOf(body?.['nextUri']);
  const said = name === 'cursor' ? textOf(body?.['cursor']) : '';
  // What stands there unescaped, as a plus sign does in base 64, is meant as it stands.
  const [, given] = CURSORS[name].exec(next) ?? [];
  return said || (given === undefined ? undefined : (decoded(given) ?? given));
}

/** What every object of the platform has; an answer without it is about nothing that we know. */
export function idIn({ request, body }: Answer): string {
  const id = textOf(body?.['id']);
  if (id === '') throw unreadable({ request, body: { message: 'it has no id' } });
  return id;
}

/** The platform leaves `results` out where it has none; numbers of no queue would be nobody's. */
export function resultsIn({ request, body }: Answer): JsonObject[] {
  const results = body?.['results'] ?? [];
  if (!Array.isArray(results)) throw unreadable({ request, body });
  return objectsIn(results).map((result) => {
    const group = isObject(result['group']) ? result['group'] : {};
    if (textOf(group['queueId']) !== '') return result;
    throw unreadable({ request, body: { message: 'a result does not say of which queue it is' } });
  });
}

/** The entities of a listing; an answer that is none has said nothing about what there is. */
export function entitiesIn({ request, body }: Answer): JsonObject[] {
  const entities = body?.['entities'];
  if (!Array.isArray(entities)) throw unreadable({ request, body });
  return objectsIn(entities);
}

/** A body as JSON, where it is; as text, where it is not; `undefined`, where there is none. */
export function parsed(body: string): unknown {
  try {
    if (body === '') return undefined;
    // Half a character, which only an escape can bring in, has no place in a digest or a log.
    return /\\ud[89a-f]/i.test(body)
      ? JSON.parse(body, (_key, value: unknown) =>
          typeof value === 'string' ? value.toWellFormed() : value,
        )
      : JSON.parse(body);
  } catch {
    return body;
  }
}
