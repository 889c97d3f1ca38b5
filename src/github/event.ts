/** The event that a workflow runs for, from the payload that GitHub leaves beside the job. */
import { readFile } from 'node:fs/promises';
import { InvalidInput } from '../core/errors.js';
import { isObject, type JsonObject } from '../core/json.js';
import type { Variables } from '../core/workflow.js';

export interface PullRequestEvent {
  readonly number: number;
  /** Commit at the tip of the branch: not the merge that is checked out. */
  readonly head: string;
  /** The branch is in another repository, or that is gone. */
  readonly isFork: boolean;
  /** Who opened it. */
  readonly author: string;
}

/** `null` where the event is about none. Throws `InvalidInput` for a payload that is unreadable. */
export async function pullRequestIn(env: Variables): Promise<PullRequestEvent | null> {
  const file = env['GITHUB_EVENT_PATH'];
  if (!file) return null;
  const payload = await read(file);
  const request = payload['pull_request'];
  if (!isObject(request)) return null;
  const { number } = request;
  const head = objectIn(request, 'head');
  const sha = head['sha'];
  if (typeof number !== 'number' || typeof sha !== 'string') {
    throw new InvalidInput(`${file}: its pull request has no number or no commit`);
  }
  const from = objectIn(head, 'repo')['full_name'];
  const into = objectIn(payload, 'repository')['full_name'];
  const author = objectIn(request, 'user')['login'];
  return {
    number,
    head: sha,
    isFork: from !== into,
    author: typeof author === 'string' ? author : '',
  };
}

async function read(file: string): Promise<JsonObject> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (isObject(value)) return value;
  } catch (cause) {
    throw new InvalidInput(`${file}: the payload of the event cannot be read`, [], { cause });
  }
  throw new InvalidInput(`${file}: the payload of the event is no object`);
}

function objectIn(parent: JsonObject, key: string): JsonObject {
  const value = parent[key];
  return isObject(value) ? value : {};
}
