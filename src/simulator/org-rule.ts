/** `generate` in an org file: objects by rule, not by chance. */
import type { OrgFile, OrgFileQueue, OrgFileUser } from './org-file-types.js';

export interface Expanded {
  readonly skills: readonly string[];
  readonly users: readonly OrgFileUser[];
  readonly queues: readonly OrgFileQueue[];
}

/**
 * What the file lists, followed by what its rule generates: `Queue 0001` and on, `User 0001` and
 * on, `Skill 001` and on, all users idle. Queue k from 0 has the generated users k·m to k·m+m−1
 * modulo the users, user u the generated skills u to u+s−1 modulo the skills.
 */
export function expandRule(file: OrgFile): Expanded {
  const rule = file.generate ?? {};
  const { queues = 0, users = 0, skills = 0, membersPerQueue = 0, skillsPerUser = 0 } = rule;
  const userNames = numbered('User', 4, users);
  const skillNames = numbered('Skill', 3, skills);
  return {
    skills: [...(file.skills ?? []), ...skillNames],
    users: [
      ...(file.users ?? []),
      ...userNames.map((name, u) => ({ name, skills: ring(skillNames, u, skillsPerUser) })),
    ],
    queues: [
      ...(file.queues ?? []),
      ...numbered('Queue', 4, queues).map((name, k) => ({
        name,
        members: ring(userNames, k * membersPerQueue, membersPerQueue),
      })),
    ],
  };
}

function numbered(what: string, digits: number, count: number): string[] {
  const name = (index: number): string => `${what} ${String(index + 1).padStart(digits, '0')}`;
  return Array.from({ length: count }, (_, index) => name(index));
}

/** `count` items from `start` on, round and round. */
function ring(items: readonly string[], start: number, count: number): string[] {
  return Array.from({ length: count }, (_, step) => items[(start + step) % items.length] ?? '');
}
