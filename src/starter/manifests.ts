/** The manifests to start from: one environment, and a strategy with names to replace. */
import { stringify } from 'yaml';
import type { StarterFile } from './starter-file.js';

export interface ManifestSettings {
  readonly owner: string;
  readonly environment: string;
  /** `null`: the environment variable GENESYS_DOMAIN says it. */
  readonly host: string | null;
}

/** The data table that the environment names, and the call flow with it. */
export const TABLE = 'Routing Strategies';
/** Name of the strategy to start from. */
export const EXAMPLE = 'example';
/** No manifest before somebody calls it one: an org has nothing of what it names. */
export const EXAMPLE_FILE = `strategies/${EXAMPLE}.yaml.unfinished`;

export function starterManifests(settings: ManifestSettings): StarterFile[] {
  return [
    { file: 'strategies/environment.yaml', text: environmentText(settings) },
    { file: EXAMPLE_FILE, text: EXAMPLE_TEXT },
  ];
}

/** One value as YAML, in quotes where it would be taken for something else. */
export function scalar(value: string): string {
  return stringify(value, { lineWidth: 0 }).trimEnd();
}

export function environmentText({ owner, environment, host }: ManifestSettings): string {
  const region =
    host === null
      ? `  # Your region. While this line is a comment, the variable GENESYS_DOMAIN has to say it.
  # host: mypurecloud.com`
      : `  host: ${scalar(host)}`;
  return `# yaml-language-server: $schema=../schemas/environment.schema.json
# The Genesys Cloud org that these manifests are for, and how far one run may go. No secret belongs
# here: id and secret of the OAuth client come from GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET.
apiVersion: strategos/v1
kind: Environment
metadata:
  name: ${scalar(environment)}
spec:
${region}
  # A strategy is a row of this data table, which a call flow looks up: see call-flow/. The first
  # apply makes the table.
  backend: datatable
  datatable: { table: ${scalar(TABLE)} }
  # Written into the org beside every strategy that is applied from here, so that no other
  # repository changes it by accident. Once applied, do not change it.
  owner: ${scalar(owner)}
  # A run that would delete or change more than this is refused before anything is written.
  guards: { maxDeletes: 10%, maxChanges: 50% }
  # true: a strategy of ours whose manifest is gone is deleted.
  prune: false
`;
}

/** As `init` writes it, with nothing but placeholders: of an org in use it says nothing. */
const EXAMPLE_TEXT = `# yaml-language-server: $schema=../schemas/routing-strategy.schema.json
# An example to start from. Names that begin with REPLACE are placeholders: put the names of queues
# and skills of your org in their place, and call the file ${EXAMPLE}.yaml: until then it is no
# manifest.
apiVersion: strategos/v1
kind: RoutingStrategy
metadata:
  name: ${EXAMPLE} # call flows look it up by this name
  description: Two queues share the calls, a third helps out
spec:
  # draft: kept in the org, and no call is routed by it. active: once every queue has agents with
  # the skills, and a free slot.
  status: draft
  selection:
    skills: # what an agent must have; [] for none
      - { skill: REPLACE skill, required: true }
  # A lower priority is tried first. Queues of the same priority share the calls by weight: here
  # 70 % and 30 %. capacity: calls that the queue's agents may handle at a time.
  targets:
    - { queue: REPLACE first queue, priority: 1, weight: 0.7, capacity: 10 }
    - { queue: REPLACE second queue, priority: 1, weight: 0.3, capacity: 10 }
    - { queue: REPLACE third queue, priority: 2, weight: 1, capacity: 5 }
  # Where a call goes that none of them takes; null for nowhere.
  fallback: { queue: REPLACE overflow queue }
`;
