/** Every file that a repository of manifests starts with, as text. */
import { byText } from '../core/issue.js';
import { callFlow } from './flow.js';
import { EXAMPLE, starterManifests, TABLE, type ManifestSettings } from './manifests.js';
import type { Permissions } from './permissions.js';
import { repositoryFiles, type RepositorySettings } from './repository.js';
import type { StarterFile } from './starter-file.js';
import { starterWorkflows, type WorkflowSettings } from './workflows.js';

export interface Starter extends ManifestSettings, RepositorySettings, WorkflowSettings {
  /** The schemas of manifests, as the package has them. */
  readonly schemas: readonly StarterFile[];
  /** Of the clients that the page tells to make. */
  readonly permissions: Permissions;
  /** Whether the call flow passes over a target whose estimated wait is long. */
  readonly patience?: boolean;
}

/** In code-unit order of their names; the same settings give the same bytes. */
export function starterFiles(starter: Starter): StarterFile[] {
  const flow = callFlow({ table: TABLE, strategy: EXAMPLE, patience: starter.patience === true });
  const files = [
    ...repositoryFiles(starter),
    ...starterManifests(starter),
    ...starterWorkflows(starter),
    { file: 'call-flow/strategos-inbound.yaml', text: flow },
    ...starter.schemas.map(({ file, text }) => ({ file: `schemas/${file}`, text })),
  ];
  return files.sort((a, b) => byText(a.file, b.file));
}
