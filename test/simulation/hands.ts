/** People at the admin UI, who make, delete, rename and edit what strategies go by. */
import type { JsonObject } from '../../src/core/json.js';
import type { Org } from '../../src/simulator/org.js';
import { keyOfThing, PATHS, thingAt, thingKeys } from './things.js';

/** A person does that to one of these. */
export interface Hand {
  /** `part`: somebody else becomes a member, a row is typed in or changed, a code is added. */
  readonly what: 'make' | 'delete' | 'rename' | 'edit' | 'part';
  /** `Skill/A` */
  readonly thing: string;
  /** What is drawn for whatever the act needs, from 0 to 1. */
  readonly value?: number;
}

export type Send = (method: string, path: string, body: object) => void;

const KEY_COLUMN = { $id: '/properties/key', type: 'string', displayOrder: 0 };
const NOTE_COLUMN = { $id: '/properties/note', type: 'string', displayOrder: 1 };

/** The least that each kind takes. */
const NEW: Readonly<Record<string, JsonObject>> = {
  DataTable: {
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['key'],
      properties: { key: KEY_COLUMN, note: NOTE_COLUMN },
    },
  },
  SkillGroup: {
    skillConditions: [
      {
        operation: 'And',
        routingSkillConditions: [
          { routingSkill: 'Voice', comparator: 'GreaterThan', proficiency: 1 },
        ],
        languageSkillConditions: [],
      },
    ],
  },
};

/** `renamed`: key → the name of before. */
export function lendHand(org: Org, hand: Hand, renamed: Map<string, string>, send: Send): void {
  const { what, thing: address, value = 0 } = hand;
  const [kind = '', name = ''] = address.split('/');
  const root = PATHS[kind] ?? '';
  const key = keyOfThing(org, address);
  if (what === 'make') {
    // Whoever looks for it finds it under its other name.
    const isRenamed = [...renamed].some(([one, old]) => old === name && one.includes(`/${kind}/`));
    if (!isRenamed) send('POST', root, { name, ...NEW[kind] });
  } else if (key !== undefined) {
    const [, , ...id] = key.split('/');
    const path = `${root}/${id.join('/')}`;
    const ends = kind === 'Queue' ? '?forceDelete=true' : kind === 'DataTable' ? '?force=true' : '';
    if (what === 'delete') send('DELETE', `${path}${ends}`, {});
    else if (what === 'part') touchPart(org, key, value, send);
    else if (what === 'edit') change(org, key, {}, value, send);
    else if (RENAMED.has(kind)) {
      renamed.set(key, name);
      change(org, key, { name: `${name} (old)` }, null, send);
    }
  }
}

const RENAMED: ReadonlySet<string> = new Set([
  ...['WrapupCode', 'Queue', 'DataTable', 'SkillGroup', 'EmergencyGroup'],
]);

/** As a person sends it who opens the object and saves it; with another text unless `null`. */
function change(
  org: Org,
  key: string,
  named: { readonly name?: string },
  value: number | null,
  send: Send,
): void {
  const [, kind = '', ...id] = key.split('/');
  const thing = thingAt(org, key);
  if (thing === undefined) return;
  const path = `${PATHS[kind] ?? ''}/${id.join('/')}`;
  const name = named.name ?? thing.name;
  const text = value === null ? {} : { description: `by hand ${Math.floor(value * 1000)}` };
  if ('memberIds' in thing) {
    send('PUT', path, { ...thing.settings, name, description: thing.description, ...text });
  } else if ('rows' in thing) {
    // Its columns are of no interest here: whoever renames a table leaves them as they are.
    org.tableNames.delete(thing.name);
    org.tableNames.set(name, thing.id);
    Object.assign(thing, { name, ...text });
  } else if (kind === 'SkillGroup') send('PATCH', path, { name, ...text });
  else if (kind === 'EmergencyGroup') {
    const isOn = thing.content['enabled'] === true;
    const enabled = value === null || value < 0.5 ? isOn : !isOn;
    send('PUT', path, { ...thing.content, ...thing.texts, name, version: thing.version, enabled });
  } else if (kind === 'WrapupCode') send('PUT', path, { name, ...thing.texts, ...text });
}

function touchPart(org: Org, key: string, value: number, send: Send): void {
  const [, kind = '', ...id] = key.split('/');
  const thing = thingAt(org, key);
  const path = `${PATHS[kind] ?? ''}/${id.join('/')}`;
  const pick = <T>(all: Iterable<T>): T | undefined => {
    const list = [...all];
    return list[Math.min(list.length - 1, Math.floor(((value * 7) % 1) * list.length))];
  };
  if (thing === undefined) return;
  if ('memberIds' in thing) {
    const codes = org.things.get(PATHS['WrapupCode'] ?? '')?.keys() ?? [];
    const [user, code] = [pick(org.users.keys()), pick(codes)];
    if (value < 0.4) send('POST', `${path}/members`, [{ id: user ?? '' }]);
    else if (value < 0.7) send('POST', `${path}/members?delete=true`, [{ id: user ?? '' }]);
    else if (value < 0.9 && code !== undefined) send('POST', `${path}/wrapupcodes`, [{ id: code }]);
    else if (code !== undefined) send('DELETE', `${path}/wrapupcodes/${code}`, {});
  } else if ('rows' in thing) {
    const row = pick(thing.rows);
    const at = `${path}/rows/${encodeURIComponent(row?.[0] ?? '')}`;
    const note = `by hand ${Math.floor(value * 1000)}`;
    if (value < 0.4 || row === undefined) send('POST', `${path}/rows`, { key: note, note });
    else if (value < 0.8) send('PUT', at, { ...Object.fromEntries(row[1]), note });
    else send('DELETE', at, {});
  }
}

export function nameAsBefore(org: Org, renamed: Map<string, string>, send: Send): void {
  for (const [key, name] of renamed) {
    const [, kind = ''] = key.split('/');
    const isTaken = keyOfThing(org, `${kind}/${name}`) !== undefined;
    if (!thingKeys(org).includes(key) || isTaken) continue;
    change(org, key, { name }, null, send);
  }
  renamed.clear();
}

/** What is nobody's, from the beginning on, of every kind that has more than a name. */
export function makeStrangers(org: Org, send: Send): void {
  for (const kind of ['Queue', 'SkillGroup', 'EmergencyGroup', 'DataTable']) {
    const thing = `${kind}/${THEIRS}`;
    const renamed = new Map<string, string>();
    lendHand(org, { what: 'make', thing }, renamed, send);
    lendHand(org, { what: 'edit', thing, value: 0.9 }, renamed, send);
    lendHand(org, { what: 'part', thing, value: 0.1 }, renamed, send);
  }
}

export const THEIRS = 'Theirs';
