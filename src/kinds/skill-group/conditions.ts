/**
 * Conditions as they are written, and as they are compared: numbered, and with every list in its
 * place. The platform wants to be told that a list is empty; people do not.
 */
import { isObject, type Json, type JsonObject } from '../../core/json.js';
import { NUMBER } from './fields.js';

export const TERMS = ['routingSkillConditions', 'languageSkillConditions'] as const;
const CHILDREN = 'childConditions';

export function fromWritten(conditions: Json | undefined): Json {
  return numbered(conditions, (condition) => ({
    ...condition,
    ...Object.fromEntries(TERMS.map((key) => [key, numbered(condition[key], fromTerm)])),
  }));
}

function fromTerm(term: JsonObject): JsonObject {
  return { ...term, [CHILDREN]: fromWritten(term[CHILDREN]) };
}

/** What does not fit the schema stays as it is: validation says so. */
function numbered(items: Json | undefined, inside: (item: JsonObject) => JsonObject): Json {
  if (!Array.isArray(items)) return items ?? [];
  return items.map((item, index) =>
    isObject(item) ? { ...inside(item), [NUMBER]: index + 1 } : item,
  );
}

export function toWritten(conditions: Json | undefined, where: 'platform' | 'manifest'): Json {
  return plain(conditions, (condition) => {
    const terms = TERMS.map((key): [string, Json] => [
      key,
      plain(condition[key], (term) => {
        const { [CHILDREN]: children, ...rest } = term;
        const inside = toWritten(children, where);
        return isNothing(inside) ? rest : { ...rest, [CHILDREN]: inside };
      }),
    ]);
    const said = terms.filter(([, value]) => where === 'platform' || !isNothing(value));
    return { operation: condition['operation'] ?? null, ...Object.fromEntries(said) };
  });
}

function plain(items: Json | undefined, inside: (item: JsonObject) => JsonObject): Json {
  if (!Array.isArray(items)) return items ?? [];
  return items.map((item) => {
    if (!isObject(item)) return item;
    const rest = Object.entries(item).filter(([key]) => key !== NUMBER);
    return inside(Object.fromEntries(rest));
  });
}

function isNothing(value: Json): boolean {
  return Array.isArray(value) && value.length === 0;
}
