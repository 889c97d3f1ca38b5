/**
 * What a schema cannot say of an org file: names that must be unique, and names that must exist.
 * Works on whatever was written, sound or not, so that these problems are shown together with
 * those of the schema; what has the wrong shape is passed over, because the schema speaks of it.
 */
import { isObject, type Json, type JsonObject } from '../core/json.js';
import { nearest } from '../core/nearest.js';
import type { Finding } from './checked-file.js';
import { FOREIGN } from './foreign-listings.js';
import { expandRule } from './org-rule.js';

/** What was meant is looked for among all names: a thousand wrong ones would take minutes. */
const MAX_GUESSES = 100;

/** Members of all generated queues together, and skills of all generated users. */
const MAX_GENERATED_PAIRS = 2_000_000;

/** Also the maxima of `generate` in `schemas/org.schema.json`. */
const MAX_GENERATED = 20_000;

/** Every finding of the file, in the order of its sections. */
export function checkReferences(file: JsonObject): Finding[] {
  const rule = readRule(file.generate);
  // Only the names: who is a member of what is made when the rule is known to be sound.
  const generated = expandRule({ generate: { ...rule, membersPerQueue: 0, skillsPerUser: 0 } });
  const named = (items: readonly { readonly name: string }[]): string[] =>
    items.map(({ name }) => name);
  const skills = new Names('skill', generated.skills);
  const users = new Names('user', named(generated.users));
  const queues = new Names('queue', named(generated.queues));
  const findings = [
    ...texts(file.skills).flatMap(([index, name]) => skills.add(name, ['skills', index])),
    ...added(users, file, 'users'),
    ...added(queues, file, 'queues'),
    ...added(new Names('client', []), file, 'clients', 'id'),
    ...added(new Names('flow', []), file, 'flows'),
    ...FOREIGN.flatMap(({ inFile, what }) => {
      const names = new Names(what, []);
      return texts(file[inFile]).flatMap(([index, name]) => names.add(name, [inFile, index]));
    }),
    ...added(new Names('strategy', []), file, 'strategies'),
    ...checkRule(rule),
  ];
  for (const [index, user] of items(file.users)) {
    findings.push(...referred(skills, user.skills, ['users', index, 'skills']));
  }
  for (const [index, queue] of items(file.queues)) {
    findings.push(...referred(users, queue.members, ['queues', index, 'members']));
  }
  for (const [index, client] of items(file.clients)) {
    findings.push(...users.find(client.user, ['clients', index, 'user']));
  }
  for (const [index, strategy] of items(file.strategies)) {
    findings.push(...checkStrategy(strategy, ['strategies', index], queues, skills));
  }
  for (const [index, { handleSecondsByQueue }] of items(file.traffic)) {
    const names = isObject(handleSecondsByQueue) ? Object.keys(handleSecondsByQueue) : [];
    const at = ['traffic', index, 'handleSecondsByQueue'];
    findings.push(...names.flatMap((name) => queues.find(name, [...at, name])));
  }
  return findings;
}

type Keys = readonly (string | number)[];

/** The names of one kind. */
class Names {
  private readonly known: Set<string>;
  private misses = 0;

  constructor(
    private readonly what: string,
    generated: readonly string[],
  ) {
    this.known = new Set(generated);
  }

  add(name: string, keys: Keys): Finding[] {
    if (!this.known.has(name)) {
      this.known.add(name);
      return [];
    }
    const message = `a second ${this.what} is named '${name}'`;
    return [{ keys, code: 'duplicate-name', message, hint: 'names are unique; rename one' }];
  }

  find(name: Json | undefined, keys: Keys): Finding[] {
    if (typeof name !== 'string' || this.known.has(name)) return [];
    this.misses += 1;
    const near = this.misses > MAX_GUESSES ? undefined : nearest(name, this.known);
    const add = `add it to the ${this.what}s of this file`;
    const hint = near === undefined ? add : `did you mean '${near}'?`;
    return [
      { keys, code: 'unknown-reference', message: `no ${this.what} is named '${name}'`, hint },
    ];
  }
}

function added(names: Names, file: JsonObject, section: string, key = 'name'): Finding[] {
  return items(file[section]).flatMap(([index, item]) => {
    const name = item[key];
    return typeof name === 'string' ? names.add(name, [section, index, key]) : [];
  });
}

/** A list of names: each must exist, none may be written twice. */
function referred(names: Names, list: Json | undefined, keys: Keys): Finding[] {
  const seen = new Set<string>();
  return texts(list).flatMap(([index, name]) => {
    const at = [...keys, index];
    if (!seen.has(name)) {
      seen.add(name);
      return names.find(name, at);
    }
    return [{ keys: at, code: 'duplicate-name', message: `'${name}' is listed twice` }];
  });
}

function checkStrategy(strategy: JsonObject, keys: Keys, queues: Names, skills: Names): Finding[] {
  const findings: Finding[] = [];
  const targets = new Set<string>();
  for (const [index, target] of items(strategy.targets)) {
    const at = [...keys, 'targets', index, 'queue'];
    const { queue } = target;
    findings.push(...queues.find(queue, at));
    if (typeof queue !== 'string') continue;
    if (targets.has(queue)) {
      const message = `'${queue}' is a target twice`;
      findings.push({ keys: at, code: 'duplicate-target', message });
    }
    targets.add(queue);
  }
  const criteria = strategy.selectionCriteria;
  for (const [index, { skill }] of items(isObject(criteria) ? criteria.skills : undefined)) {
    const at = [...keys, 'selectionCriteria', 'skills', index, 'skill'];
    findings.push(...skills.find(skill, at));
  }
  const fallback = isObject(strategy.fallback) ? strategy.fallback.queue : undefined;
  if (isObject(fallback)) {
    const at = [...keys, 'fallback', 'queue', 'queue'];
    findings.push(...queues.find(fallback.queue, at));
    if (typeof fallback.queue === 'string' && targets.has(fallback.queue)) {
      const message = `the fallback '${fallback.queue}' is also a target, which is circular`;
      findings.push({ keys: at, code: 'circular-fallback', message });
    }
  }
  return findings;
}

interface Rule {
  readonly queues: number;
  readonly users: number;
  readonly skills: number;
  readonly membersPerQueue: number;
  readonly skillsPerUser: number;
}

/** The counts that are usable; the schema speaks of the others. */
function readRule(value: Json | undefined): Rule {
  const rule = isObject(value) ? value : {};
  const count = (name: keyof Rule): number => {
    const number = rule[name];
    const usable = typeof number === 'number' && Number.isSafeInteger(number);
    return usable && number >= 0 && number <= MAX_GENERATED ? number : 0;
  };
  return {
    queues: count('queues'),
    users: count('users'),
    skills: count('skills'),
    membersPerQueue: count('membersPerQueue'),
    skillsPerUser: count('skillsPerUser'),
  };
}

function checkRule(rule: Rule): Finding[] {
  const pairs = [
    ['membersPerQueue', 'queues', 'users'],
    ['skillsPerUser', 'users', 'skills'],
  ] as const;
  return pairs.flatMap(([each, owners, pool]): Finding[] => {
    if (rule[owners] === 0) return [];
    const keys = ['generate', each];
    const code = 'rule-out-of-range';
    if (rule[each] > rule[pool]) {
      const message = `${each} is ${rule[each]}, but only ${rule[pool]} ${pool} are generated`;
      const hint = `give ${rule[pool]} or less, or generate more ${pool}`;
      return [{ keys, code, message, hint }];
    }
    const all = rule[owners] * rule[each];
    if (all <= MAX_GENERATED_PAIRS) return [];
    const message = `${each} is ${rule[each]}, for ${rule[owners]} ${owners}: ${all} are too many`;
    const most = Math.floor(MAX_GENERATED_PAIRS / rule[owners]);
    return [{ keys, code, message, hint: `give ${most} or less` }];
  });
}

function items(value: Json | undefined): [number, JsonObject][] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item, index): [number, JsonObject][] =>
    isObject(item) ? [[index, item]] : [],
  );
}

function texts(value: Json | undefined): [number, string][] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item, index): [number, string][] =>
    typeof item === 'string' ? [[index, item]] : [],
  );
}
