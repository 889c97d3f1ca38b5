/** A queue as a drawing: how many are in it, and where its calls overflow to. */
import { referenceKey } from '../../core/catalog.js';
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../../core/json.js';
import type { Route } from '../../core/kind.js';
import { plural } from '../../core/plural.js';

/** The backup of direct routing, then the queues of the rules of conditional group routing. */
export function overflow(fields: JsonObject): Route[] {
  const { directRouting: direct, conditionalGroupRouting: rules } = fields;
  const backup = isObject(direct) ? (direct['backupQueue'] ?? null) : null;
  const after = isObject(direct) ? seconds(direct['agentWaitSeconds']) : [];
  return [
    ...(backup === null ? [] : [route(backup, ['backup of direct routing', ...after])]),
    ...objectsIn(rules ?? []).flatMap((rule): Route[] => {
      const { queue = null, rule: number = null, metric, operator, conditionValue } = rule;
      if (queue === null) return [];
      const condition = [metric, operator, conditionValue].map(said).filter((one) => one !== '');
      const facts = [`rule ${said(number)}`, condition.join(' ')];
      return [
        route(
          queue,
          [...facts, ...seconds(rule['waitSeconds'])].filter((one) => one !== ''),
        ),
      ];
    }),
  ];
}

/** What goes on from a queue has waited there for agents in vain: it is all that is left. */
function route(to: Json, facts: readonly string[]): Route {
  return { to: referenceKey(to), isLast: true, facts };
}

function said(value: Json | undefined): string {
  return typeof value === 'number' ? String(value) : textOf(value ?? '');
}

function seconds(value: Json | undefined): string[] {
  return typeof value === 'number' ? [`after ${value} s`] : [];
}

/** Only of members that a manifest names anything is known. */
export function facts({ members }: JsonObject): string[] {
  return Array.isArray(members) ? [plural(members.length, 'member')] : [];
}
