/** What a workflow that is there says of itself, whoever wrote it. */
import { parse } from 'yaml';
import { isObject, type JsonObject } from '../core/json.js';

export interface WrittenWorkflow {
  /** The folder that its steps run in; empty where it names none. */
  readonly folder: string;
  /** The branch that its first filter of pushes names. */
  readonly branch: string | null;
}

/** Of a text that is no workflow: nothing of either. */
export function writtenWorkflow(text: string): WrittenWorkflow {
  const workflow = objectIn(text);
  const folder = objectAt(objectAt(workflow, 'defaults'), 'run')['working-directory'];
  const { branches } = objectAt(objectAt(workflow, 'on'), 'push');
  const first: unknown = Array.isArray(branches) ? branches[0] : null;
  return {
    folder: typeof folder === 'string' ? folder : '',
    branch: typeof first === 'string' ? first.replace(/\\(.)/g, '$1') : null,
  };
}

function objectIn(text: string): JsonObject {
  try {
    const value: unknown = parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function objectAt(parent: JsonObject, key: string): JsonObject {
  const value = parent[key];
  return isObject(value) ? value : {};
}
