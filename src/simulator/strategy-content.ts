/** What a strategy body may say. Every problem of a body is reported in one refusal. */
import { isObject, type Json, type JsonObject } from '../core/json.js';
import { field } from './call.js';
import type { Org, StrategyContent, StrategyFallback } from './model.js';
import type { StrategySkill, StrategyTarget } from './model.js';
import { invalidFields, type Detail } from './refusal.js';

const MAX_TARGETS = 10;
const MAX_NAME = 256;

type Problem = Detail & { readonly text: string };

/**
 * The content after a write: the fields of `body` over `before`. With `before` null the body must
 * be complete: name and targets. 400 `bad.request` with a detail for each problem, those that
 * the caller has `already` found included.
 */
export function readContent(
  org: Org,
  body: JsonObject,
  before: StrategyContent | null,
  already: readonly Problem[],
): StrategyContent {
  const reader = new Reader(org, [...already]);
  const { problems } = reader;
  const name = reader.name(field(body, 'name') ?? before?.name);
  const targets = has(body, 'targets') || !before ? reader.targets(body) : before.targets;
  const skills = has(body, 'selectionCriteria') ? reader.skills(body) : (before?.skills ?? []);
  const fallback = has(body, 'fallback') ? reader.fallback(body) : (before?.fallback ?? null);
  if (fallback !== null && targets.some(({ id }) => id === fallback.id)) {
    reader.refuse('fallback.queue.id', 'circular.fallback', 'is also a target: circular fallback');
  }
  if (problems.length > 0) throw invalidFields(problems);
  return { name, skills, targets, fallback };
}

/** Whether the body speaks of this field; `null` does, and takes a value away where it may. */
function has(body: JsonObject, name: string): boolean {
  return field(body, name) !== undefined;
}

/** Reads fields and collects what is wrong with them; what it returns then does not matter. */
class Reader {
  constructor(
    readonly org: Org,
    readonly problems: Problem[],
  ) {}

  refuse(fieldName: string, errorCode: string, what: string): void {
    this.problems.push({ fieldName, errorCode, text: `${fieldName} ${what}` });
  }

  name(value: Json | undefined): string {
    if (typeof value === 'string' && value.trim() !== '' && value.length <= MAX_NAME) return value;
    if (value === undefined) this.refuse('name', 'missing.field', 'is required');
    else this.refuse('name', 'invalid.value', `must be a text of 1 to ${MAX_NAME} characters`);
    return '';
  }

  targets(body: JsonObject): StrategyTarget[] {
    const value = field(body, 'targets');
    if (value === undefined) this.refuse('targets', 'missing.field', 'are required');
    else if (!Array.isArray(value)) this.refuse('targets', 'invalid.value', 'must be a list');
    else if (value.length < 1 || value.length > MAX_TARGETS) {
      this.refuse('targets', 'invalid.value', `must be 1 to ${MAX_TARGETS}`);
    } else {
      const targets = value.map((item, index) => this.target(item, `targets[${index}]`));
      const first = new Map<string, number>();
      targets.forEach(({ id }, index) => {
        const where = first.get(id);
        if (where === undefined) first.set(id, index);
        else this.refuse(`targets[${index}].id`, 'duplicate.target', `repeats targets[${where}]`);
      });
      return targets;
    }
    return [];
  }

  target(value: Json, at: string): StrategyTarget {
    const body = this.object(value, at);
    return { ...this.place(body, at), capacity: this.whole(body, at, 'capacity', 1) };
  }

  fallback(body: JsonObject): StrategyFallback | null {
    const value = field(body, 'fallback') ?? null;
    if (value === null) return null;
    const queue = field(this.object(value, 'fallback'), 'queue') ?? null;
    return this.place(this.object(queue, 'fallback.queue'), 'fallback.queue');
  }

  skills(body: JsonObject): StrategySkill[] {
    const at = 'selectionCriteria.skills';
    const criteria = field(body, 'selectionCriteria') ?? null;
    if (criteria === null) return [];
    const value = field(this.object(criteria, 'selectionCriteria'), 'skills') ?? [];
    if (!Array.isArray(value)) {
      this.refuse(at, 'invalid.value', 'must be a list');
      return [];
    }
    return value.map((item, index) => this.skill(item, `${at}[${index}]`));
  }

  skill(value: Json, at: string): StrategySkill {
    const body = this.object(value, at);
    const required = field(body, 'required') ?? true;
    if (typeof required !== 'boolean') {
      this.refuse(`${at}.required`, 'invalid.value', 'must be true or false');
    }
    return { skillId: this.reference(body, at, 'skillId', 'skill'), required: required === true };
  }

  /** Queue, priority and weight: what targets and fallbacks share. */
  place(body: JsonObject, at: string): StrategyFallback {
    const weight = field(body, 'weight');
    const valid = typeof weight === 'number' && Number.isFinite(weight) && weight >= 0;
    if (!valid) this.refuse(`${at}.weight`, 'invalid.value', 'must be a number, 0 or more');
    return {
      id: this.reference(body, at, 'id', 'queue'),
      priority: this.whole(body, at, 'priority', 0),
      weight: valid ? weight : 0,
    };
  }

  reference(body: JsonObject, at: string, name: string, what: 'queue' | 'skill'): string {
    const id = field(body, name);
    const known = what === 'queue' ? this.org.queues : this.org.skills;
    if (typeof id !== 'string') this.refuse(`${at}.${name}`, 'missing.field', 'is required');
    else if (!known.has(id)) this.refuse(`${at}.${name}`, 'not.found', `is no ${what}: ${id}`);
    return typeof id === 'string' ? id : '';
  }

  whole(body: JsonObject, at: string, name: string, min: number): number {
    const value = field(body, name);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min) return value;
    this.refuse(`${at}.${name}`, 'invalid.value', `must be a whole number, ${min} or more`);
    return min;
  }

  object(value: Json, at: string): JsonObject {
    if (isObject(value)) return value;
    this.refuse(at, 'invalid.value', 'must be an object');
    return {};
  }
}
