/** Queue: where calls wait for agents. Form: developer.genesys.cloud, and `forms.ts`. */
import { same } from '../../core/canonical.js';
import { withoutNamed } from '../../core/halves.js';
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../../core/json.js';
import type { About, Kind } from '../../core/kind.js';
import { objectName } from '../../core/outcome.js';
import { unsaidIn } from '../../core/unsaid.js';
import type { ChangeContent, IdOf, Resource, Standing, Step } from '../../core/resource.js';
import { idInRaw, platformEntity } from '../platform-entity.js';
import { fields, ownFields } from './fields.js';
import { mentionsOf, platformForm, rawOf } from './forms.js';
import { laidOver, withoutNulls, withoutTaken } from './overlay.js';
import { crew } from './crew.js';
import { facts, overflow } from './drawing.js';
import { members, wrapupCodes } from './parts.js';
import { rules } from './rules.js';

const REF_TYPE = 'queue';
const PATH = '/api/v2/routing/queues';
const PAGE = 500;
const DIVISIONS = '/api/v2/authorization/divisions';

const plain = platformEntity({
  path: PATH,
  pageSize: PAGE,
  texts: [],
  hasDivision: true,
  raw: rawOf,
  update: (queue, { name }, { before, after, idOf }) => {
    const body = withoutTaken(laidOver(queue, after, idOf), before ?? {}, after);
    return { method: 'PUT', body: { ...body, ...(name === undefined ? {} : { name }) } };
  },
  audit: { service: 'Routing', entityType: 'Queue' },
  consumers: 'QUEUE',
});

const platform: Resource = {
  ...plain,
  // Whether the plain listing has them is not documented; the platform's own tools ask for both.
  listedApart: (root) => ({ path: `${root}?hasPeer=true`, pageSize: PAGE }),
  mentions: mentionsOf,
  own: (queue) => entity(textOf(queue['name']), rawOf(queue), idInRaw),
  entity,
  // Of the first rule the platform says the queue itself, and takes no such thing.
  unsaid: (queue) =>
    unsaidIn(queue, entity('', rawOf(queue), idInRaw), ['conditionalGroupRouting.rules[].queue']),
  parts: [wrapupCodes, members],
  // Many at once have left the caches of edges without queues: terraform-provider issue 1955.
  pace: { setting: 'queueWrites', perMinute: 60 },
  steps,
};

function entity(name: string, own: JsonObject, idOf: IdOf): JsonObject {
  return { name, ...withoutNulls(platformForm(own, idOf)) };
}

/**
 * A new queue that refers to itself is written twice, as it has no id before. Of rings that go, the
 * platform refuses those that hold groups: these are emptied first.
 */
function steps(change: ChangeContent, root: string): readonly Step[] {
  const { action, address, before, after } = change;
  if (after === null) return plain.steps(change, root);
  if (action === 'create') {
    const name = objectName(address);
    const first = withoutNamed({ fields, refType: REF_TYPE }, after, [name]);
    return [
      createStep(name, first, root),
      ...(same(first, after) ? [] : [updateStep(after, root)]),
    ];
  }
  const all = [...plain.steps(change, root), ...moveSteps(before, after)];
  return before !== null && losesGroups(before, after) ? [emptyingStep(after, root), ...all] : all;
}

function createStep(name: string, first: JsonObject, root: string): Step {
  return {
    do: 'write',
    name: 'create',
    request: (_standing, idOf) => ({
      method: 'POST',
      path: root,
      body: entity(name, first, idOf),
    }),
  };
}

function updateStep(after: JsonObject, root: string): Step {
  return {
    do: 'write',
    name: 'update',
    request: (standing: Standing | null, idOf) => ({
      method: 'PUT',
      path: `${root}/${encodeURIComponent(standing?.id ?? '')}`,
      body: laidOver(standing?.entity ?? {}, after, idOf),
    }),
  };
}

/**
 * The rings that are there without any group, as the platform has them: what else they name may go
 * in the same run, and is known by its id alone.
 */
function emptyingStep(after: JsonObject, root: string): Step {
  const others = Object.fromEntries(Object.entries(after).filter(([key]) => key !== 'rings'));
  return {
    do: 'write',
    name: 'update',
    request: (standing: Standing | null, idOf) => {
      const queue = laidOver(standing?.entity ?? {}, others, idOf);
      const { bullseye } = queue;
      const there = isObject(bullseye) ? objectsIn(bullseye['rings']) : [];
      const rings = there.map((ring) => ({ ...ring, memberGroups: [] }));
      return {
        method: 'PUT',
        path: `${root}/${encodeURIComponent(standing?.id ?? '')}`,
        body: { ...queue, bullseye: { ...(isObject(bullseye) ? bullseye : {}), rings } },
      };
    },
  };
}

/** A PUT leaves a queue in its division: it is moved by a request of its own. */
function moveSteps(before: JsonObject | null, { division }: JsonObject): readonly Step[] {
  if (division === undefined || before === null || same(before['division'], division)) return [];
  return [
    {
      do: 'write',
      name: 'update',
      request: (standing, idOf) => ({
        method: 'POST',
        path: `${DIVISIONS}/${encodeURIComponent(idOf('division', division))}/objects/QUEUE`,
        ids: standing === null ? [] : [standing.id],
      }),
    },
  ];
}

/** Some ring that goes has a group. */
function losesGroups(before: JsonObject, after: JsonObject): boolean {
  const [there, asked] = [before, after].map((one) => objectsIn(one['rings']));
  const gone = (there ?? []).slice(asked?.length ?? 0);
  const holds = ({ groups, skillGroups, teams }: JsonObject): boolean =>
    [groups, skillGroups, teams].some((one) => Array.isArray(one) && one.length > 0);
  return after['rings'] !== undefined && gone.some(holds);
}

const NUMBERED = { rings: 'ring', routingRules: 'rule', conditionalGroupRouting: 'rule' } as const;

/** Rings and rules are numbered by their places; a member may be a name alone. */
function fromSpec(spec: JsonObject): JsonObject {
  const out: JsonObject = { ...spec };
  for (const [key, number] of Object.entries(NUMBERED)) {
    const items = spec[key];
    if (!Array.isArray(items)) continue;
    out[key] = items.map((item, index) =>
      isObject(item) ? { ...item, [number]: index + 1 } : item,
    );
  }
  const { conditionalGroupActivation: activation } = out;
  if (isObject(activation)) out['conditionalGroupActivation'] = withNumbers(activation);
  const { members: asked } = spec;
  if (Array.isArray(asked)) out['members'] = asked.map(member);
  else if (isObject(asked) && Array.isArray(asked['include'])) {
    out['members'] = { include: asked['include'].map(member) };
  }
  return out;
}

/** Rules and the conditions of each, by their places. */
function withNumbers({ pilotRule: pilot, rules, ...rest }: JsonObject): JsonObject {
  const number = (items: Json | undefined, key: string): Json | undefined =>
    Array.isArray(items)
      ? items.map((one, index) => (isObject(one) ? { ...one, [key]: index + 1 } : one))
      : items;
  const inside = (rule: Json): Json =>
    isObject(rule) && rule['conditions'] !== undefined
      ? { ...rule, conditions: number(rule['conditions'], 'condition') ?? null }
      : rule;
  const numbered = number(rules, 'rule');
  return {
    ...rest,
    ...(pilot === undefined ? {} : { pilotRule: inside(pilot) }),
    ...(numbered === undefined
      ? {}
      : { rules: Array.isArray(numbered) ? numbered.map(inside) : numbered }),
  };
}

function withoutNumbers(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNumbers);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => key !== 'rule' && key !== 'condition');
  return Object.fromEntries(kept.map(([key, one]) => [key, withoutNumbers(one)]));
}

function member(one: Json): Json {
  return typeof one === 'string' || (isObject(one) && 'id' in one) ? { user: one } : one;
}

/** What is not there is left out, but by a rollback, which is to bring back that it was not. */
function toSpec(all: JsonObject, { checks }: About): JsonObject {
  const out: JsonObject = {};
  for (const [key, value] of Object.entries(all)) {
    const number = new Map<string, string>(Object.entries(NUMBERED)).get(key);
    const plain = key === 'conditionalGroupActivation' ? withoutNumbers(value) : value;
    const said = number === undefined ? plain : objectsIn(value).map((one) => without(one, number));
    if (checks === 'warn') out[key] = said;
    else if (key in ownFields.fields) {
      const kept = isObject(said) ? withoutNulls(said) : said;
      if (!isNothing(kept)) out[key] = kept;
    } else out[key] = said;
  }
  return out;
}

function without(item: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([name]) => name !== key));
}

function isNothing(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === null || value === '' || (isObject(value) && Object.keys(value).length === 0);
}

export const queue: Kind = {
  name: 'Queue',
  noun: { one: 'queue', many: 'queues' },
  refType: REF_TYPE,
  fields,
  identity: Object.keys(ownFields.fields),
  namesLater: true,
  rules,
  fromSpec,
  toSpec,
  resources: { platform },
  waiting: { overflow, facts, crew },
};
