/** Manifests and an org made by rule, so that any number of them can be had. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { OrgFile } from '../../src/simulator/org-file-types.js';

const QUEUES = 200;
const SKILLS = 20;
const AGENTS = 400;
const AGENTS_PER_QUEUE = 40;

/** Twenty lines, all different; `weight` tells one generation of them from another. */
export function manifestText(index: number, weight = 0.5): string {
  return `# yaml-language-server: $schema=../schemas/routing-strategy.schema.json
apiVersion: strategos/v1
kind: RoutingStrategy
metadata:
  name: strategy-${index}
  description: Strategy number ${index}
  labels: { team: support }
spec:
  status: active
  selection:
    skills:
      - { skill: Skill ${index % SKILLS}, required: true }
  targets:
    - { queue: Queue ${index % QUEUES}, priority: 1, weight: 1.0, capacity: 10 }
    - { queue: Queue ${(index + 1) % QUEUES}, priority: 2, weight: ${weight}, capacity: 10 }
    - { queue: Queue ${(index + 2) % QUEUES}, priority: 2, weight: 0.5, capacity: 10 }
  fallback: { queue: Queue ${(index + 3) % QUEUES}, priority: 99, weight: 0.1 }
  checks:
    skills: error
    capacity: warn
`;
}

const environmentText = (name: string): string => `apiVersion: strategos/v1
kind: Environment
metadata: { name: ${name} }
spec:
  backend: datatable
  owner: bench
  rateLimit: { leave: 0% }
`;

/** `environment-0` and so on, one a file. */
export function writeEnvironments(folder: string, count: number): void {
  for (const name of numbered('environment', count, '-')) {
    writeFileSync(path.join(folder, `${name}.yaml`), environmentText(name));
  }
}

/** Writes them into `folder`, one a file. With an environment they can be planned. */
export function writeManifests(
  folder: string,
  count: number,
  environment = false,
  weight?: number,
): string {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < count; index += 1) {
    writeFileSync(path.join(folder, `strategy-${index}.yaml`), manifestText(index, weight));
  }
  if (environment) writeFileSync(path.join(folder, 'environment.yaml'), environmentText('bench'));
  return folder;
}

function numbered(what: string, count: number, sign = ' '): string[] {
  return Array.from({ length: count }, (_, index) => `${what}${sign}${index}`);
}

export const QUEUE_NAMES = numbered('Queue', QUEUES);
export const SKILL_NAMES = numbered('Skill', SKILLS);

/** Every queue with agents who have its strategies' skills, and no strategy yet. */
export const ORG: OrgFile = {
  clients: [{ id: 'demo', secret: 'demo' }],
  skills: SKILL_NAMES,
  users: numbered('Agent', AGENTS).map((name, index) => ({
    name,
    skills: [`Skill ${index % SKILLS}`, `Skill ${(index + 7) % SKILLS}`],
  })),
  queues: QUEUE_NAMES.map((name, index) => ({
    name,
    members: Array.from(
      { length: AGENTS_PER_QUEUE },
      (_, agent) => `Agent ${(2 * index + agent) % AGENTS}`,
    ),
  })),
};
