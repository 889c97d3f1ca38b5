/**
 * The workflows for GitHub: a pull request shows its plan, a push to the default branch applies
 * what is approved, schedules look for drift and move weights. Which environments there are is
 * asked of the manifests in every run, so the text is the same for one org and for a thousand: a
 * workflow calls another for some hundred environments at a time, which has a job for each.
 *
 * Clients of an org are apart: one reads (plan, drift), one writes and is behind a protected
 * environment (apply), one writes weights (optimize). What thinks is in `strategos ci`.
 */
import type { StarterFile } from './starter-file.js';
import {
  ACTIONS,
  attestJob,
  CALLED,
  credentials,
  ENVIRONMENT_MATRIX,
  environmentsJob,
  everywhere,
  expression,
  inFolder,
  INPUT_ENVIRONMENT,
  install,
  KEEP_RUN,
  literally,
  MATRIX_ENVIRONMENT,
  matrixOutputs,
  NEWEST,
  NO_FORK,
  ON_DEFAULT_BRANCH,
  SHARD_NUMBER,
  shardsOf,
  TOKEN,
  unprotected,
  yaml,
} from './workflow-parts.js';

export interface WorkflowSettings {
  /** What file names begin with: `strategos-`, or nothing in the repository of strategos. */
  readonly workflowPrefix: string;
  /** The default branch: a push to it is applied. */
  readonly branch: string;
  /**
   * Folder of manifests and package below the repository's, with forward slashes; empty where they
   * are in the repository's own. GitHub reads workflows in the repository's own alone.
   */
  readonly below: string;
}

/** Letters, digits, dots, hyphens and underscores: it names environments and groups of GitHub. */
export const WORKFLOW_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
export const WORKFLOW_NAME_HINT =
  'use up to 63 letters, digits, dots, hyphens and underscores, such as prod';

export function starterWorkflows(settings: WorkflowSettings): StarterFile[] {
  const folder = `${toTop(settings.below)}.github/workflows/${settings.workflowPrefix}`;
  const texts = {
    plan: planText,
    'plan-environments': planEnvironmentsText,
    apply: applyText,
    'apply-environments': applyEnvironmentsText,
    'apply-environment': applyEnvironmentText,
    drift: driftText,
    'drift-environments': driftEnvironmentsText,
    optimize: optimizeText,
    'optimize-environments': optimizeEnvironmentsText,
  };
  return Object.entries(texts).map(([name, text]) => ({
    file: `${folder}${name}.yml`,
    text: text(settings),
  }));
}

/** From the folder `below` to the one of the repository: `../../` */
export function toTop(below: string): string {
  return below === '' ? '' : '../'.repeat(below.split('/').length);
}

/** What names of workflows and of their groups begin with: one for each folder of a repository. */
function groupOf({ workflowPrefix }: WorkflowSettings): string {
  return workflowPrefix === '' ? 'strategos-' : workflowPrefix;
}

/** Of the second folder of a repository and of every further one: which one it is. */
function suffixOf(settings: WorkflowSettings): string {
  return groupOf(settings) === 'strategos-' ? '' : ` (${settings.below})`;
}

function titleOf(settings: WorkflowSettings, what: string): string {
  return yaml(`strategos ${what}${suffixOf(settings)}`);
}

function planText(settings: WorkflowSettings): string {
  const { below } = settings;
  const isPart = below !== '';
  const named = `\n    name: ${yaml(`validate${suffixOf(settings)}`)}`;
  return `# A pull request: are the manifests valid, and what would they change?
name: ${titleOf(settings, 'plan')}
on:
  # Of every pull request: a check that is required and not reported would keep it from merging.
  pull_request:
  # The same check, once more, where pull requests are merged by a queue.
  merge_group:
permissions: {}
${everywhere(below)}
concurrency:
  group: ${groupOf(settings)}plan-${expression('github.ref')}
  cancel-in-progress: true
jobs:
  # Needs no secrets, so it also runs for forks.
  validate:${suffixOf(settings) === '' ? '' : named}
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read
    outputs:
${matrixOutputs()}
    steps:
${isPart ? install('fetch-depth: 2') : install()}
      - name: Validate
        run: npx --no -- strategos ci validate
      - name: Environments
        id: matrix
        env:
          GENESYS_DOMAIN: ${expression('vars.GENESYS_DOMAIN')}
        run: npx --no -- strategos ci matrix${isPart ? ' --if-changed' : ''}
${planJob(settings)}
${commentJob(below)}
`;
}

function planJob(settings: WorkflowSettings): string {
  return `  # Whoever may push a branch here can use these secrets, so they are those of the client
  # that only reads.
  plan:
    name: plans ${SHARD_NUMBER}
    needs: validate
    if: >-
      needs.validate.outputs.environments != '[]' &&
      ${NO_FORK}
${shardsOf('validate', ['contents: read'], `${settings.workflowPrefix}plan-environments`)}`;
}

function planEnvironmentsText(settings: WorkflowSettings): string {
  return `# A plan for each of some environments, with the client that reads. It is called for pull
# requests that are from no fork.
name: ${titleOf(settings, 'plan of environments')}
${CALLED}
${everywhere(settings.below)}
jobs:
  plan:
${ENVIRONMENT_MATRIX}
${unprotected(MATRIX_ENVIRONMENT, 'plan')}
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    permissions:
      contents: read
    steps:
${install('fetch-depth: 2')}
      - name: Plan
        env:
${credentials('PLAN', MATRIX_ENVIRONMENT)}
        run: npx --no -- strategos ci plan --env "$ENVIRONMENT"
${KEEP_RUN}
`;
}

function commentJob(below: string): string {
  return `  # One comment for all environments, also when a manifest is wrong or a plan failed.
  comment:
    needs: [validate, plan]
    if: >-
      !cancelled() && needs.validate.outputs.environments != '[]' &&
      ${NO_FORK}
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read
      pull-requests: write
    steps:
${install('fetch-depth: 2')}
      - uses: ${ACTIONS.download}
        env:
          # By itself it looks at the first thousand artifacts of a run.
          ACTIONS_ARTIFACT_MAX_ARTIFACT_COUNT: '50000'
        with:
          pattern: '*-plan-*'
          path: ${inFolder(below, 'plans')}
          merge-multiple: true
      - name: Comment
        env:
          ${TOKEN}
          ENVIRONMENTS: ${expression('needs.validate.outputs.environments')}
        run: npx --no -- strategos ci comment --plans plans --environments "$ENVIRONMENTS"`;
}

function applyText(settings: WorkflowSettings): string {
  const { workflowPrefix, branch, below } = settings;
  const own = [`${literally(below)}/**`, `.github/workflows/${workflowPrefix}apply*.yml`];
  const paths = below === '' ? '' : `\n    paths: ${yaml(own)}`;
  return `# A push to the default branch: for every environment a plan, an approval, and that very
# plan applied. Whatever event a run is for, it works from the newest commit: a run that GitHub
# drops while another waits is made up for by the next, and one that is run again undoes nothing.
name: ${titleOf(settings, 'apply')}
on:
  push:
    # The default branch. No expression can stand here: where it is renamed, change this name.
    branches: ${yaml([literally(branch)])}${paths}
  workflow_dispatch:
permissions: {}
${everywhere(below)}
jobs:
${environmentsJob(`    if: ${ON_DEFAULT_BRANCH}\n`, NEWEST)}
  apply:
    name: environments ${SHARD_NUMBER}
    needs: environments
    if: needs.environments.outputs.environments != '[]'
${shardsOf('environments', APPLY_PERMISSIONS, `${settings.workflowPrefix}apply-environments`)}
`;
}

const APPLY_PERMISSIONS = [
  ...['contents: read', 'pull-requests: read', 'actions: read'],
  ...['id-token: write', 'attestations: write'],
];

function applyEnvironmentsText(settings: WorkflowSettings): string {
  return `# Each of some environments by itself: one that waits or fails holds up no other.
name: ${titleOf(settings, 'apply to environments')}
${CALLED}
jobs:
  environment:
${ENVIRONMENT_MATRIX}
    # One at a time in an environment, from its plan to its last change, and none is cut off.
    concurrency:
      group: ${groupOf(settings)}apply-${MATRIX_ENVIRONMENT}
      cancel-in-progress: false
    # The most that a job of it may have; each has less.
    permissions:
${APPLY_PERMISSIONS.map((one) => `      ${one}`).join('\n')}
    uses: ./.github/workflows/${settings.workflowPrefix}apply-environment.yml
    with:
      environment: ${MATRIX_ENVIRONMENT}
    secrets: inherit
`;
}

function applyEnvironmentText(settings: WorkflowSettings): string {
  return `# One environment: plan with the client that reads, wait for a reviewer, apply that very
# plan with the client that writes. When the org or the default branch moved in between, apply
# stops with exit code 4 and shows what moved: run the workflow again, and approve the new plan.
name: ${titleOf(settings, 'apply to one environment')}
on:
  workflow_call:
    inputs:
      environment:
        type: string
        required: true
permissions: {}
${everywhere(settings.below)}
jobs:
  plan:
${unprotected(INPUT_ENVIRONMENT, 'plan')}
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    permissions:
      contents: read
      pull-requests: read
      actions: read
    outputs:
      run: ${expression('steps.run.outputs.name')}
      digest: ${expression('steps.plan.outputs.digest')}
      changes: ${expression('steps.plan.outputs.changes')}
      pull-request: ${expression('steps.plan.outputs.pull-request')}
    steps:
${install(NEWEST)}
      - name: Plan
        id: plan
        env:
          ${TOKEN}
${credentials('PLAN', INPUT_ENVIRONMENT)}
        run: npx --no -- strategos ci plan --env "$ENVIRONMENT"
${KEEP_RUN}
${approvedJob(settings.below)}
${attestJob(
  '[plan, apply]',
  ['plan', 'apply']
    .map(
      (job) => `      - uses: ${ACTIONS.download}
        if: needs.${job}.outputs.run != ''
        with:
          name: ${expression(`needs.${job}.outputs.run`)}
          path: runs`,
    )
    .join('\n'),
)}
`;
}

function approvedJob(below: string): string {
  const output = (name: string): string => expression(`needs.plan.outputs.${name}`);
  return `  apply:
    needs: plan
    if: needs.plan.outputs.changes != '0'
    # Give it required reviewers, and the secrets of the client that writes: see README.md.
    environment: ${INPUT_ENVIRONMENT}
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    permissions:
      contents: read
      actions: read
    outputs:
      run: ${expression('steps.run.outputs.name')}
    steps:
${install(NEWEST)}
      # To show what moved, should it have moved. What is applied is planned anew and held against
      # the digest.
      - uses: ${ACTIONS.download}
        continue-on-error: true
        with:
          name: ${output('run')}
          path: ${inFolder(below, 'planned')}
      - name: Apply
        env:
          ${TOKEN}
          DIGEST: ${output('digest')}
          PULL_REQUEST: ${output('pull-request')}
${credentials('APPLY', INPUT_ENVIRONMENT)}
        run: >-
          npx --no -- strategos ci apply --env "$ENVIRONMENT" --expect-digest "$DIGEST"
          --planned planned --pull-request "$PULL_REQUEST"
${KEEP_RUN}`;
}

function driftText(settings: WorkflowSettings): string {
  const { workflowPrefix: prefix } = settings;
  return `# Every working day: did anybody change in the org what is managed here? One issue for
# each environment says so for as long as it is so.
name: ${titleOf(settings, 'drift')}
on:
  schedule:
    - cron: '23 5 * * 1-5'
  workflow_dispatch:
permissions: {}
${everywhere(settings.below)}
jobs:
${environmentsJob('', NEWEST)}
  drift:
    name: drift ${SHARD_NUMBER}
    needs: environments
    if: needs.environments.outputs.environments != '[]'
${shardsOf('environments', ['contents: read', 'issues: write'], `${prefix}drift-environments`)}
`;
}

function driftEnvironmentsText(settings: WorkflowSettings): string {
  return `# A look for drift in each of some environments, with the client that reads.
name: ${titleOf(settings, 'drift of environments')}
${CALLED}
${everywhere(settings.below)}
jobs:
  drift:
${ENVIRONMENT_MATRIX}
    # Two at once would both open an issue.
    concurrency:
      group: ${groupOf(settings)}drift-${MATRIX_ENVIRONMENT}
      cancel-in-progress: false
${unprotected(MATRIX_ENVIRONMENT, 'plan')}
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    permissions:
      contents: read
      issues: write
    steps:
${install(NEWEST)}
      - name: Drift
        env:
          ${TOKEN}
${credentials('PLAN', MATRIX_ENVIRONMENT)}
        run: >-
          npx --no -- strategos ci drift --env "$ENVIRONMENT"
          --apply-workflow ${settings.workflowPrefix}apply.yml
${KEEP_RUN}
`;
}

const OPTIMIZES = `>-
      vars.STRATEGOS_OPTIMIZE == 'on' &&
      (github.event_name == 'schedule' || ${ON_DEFAULT_BRANCH})`;

function optimizeText(settings: WorkflowSettings): string {
  const { workflowPrefix: prefix } = settings;
  return `# One round of the optimizer: weights move within the bounds of their manifests. It writes
# to the org without approval, so it is off until the variable STRATEGOS_OPTIMIZE is set to on.
name: ${titleOf(settings, 'optimize')}
on:
  schedule:
    - cron: '*/15 * * * *'
  workflow_dispatch:
permissions: {}
${everywhere(settings.below)}
jobs:
${environmentsJob(`    if: ${OPTIMIZES}\n`, NEWEST)}
  optimize:
    name: optimize ${SHARD_NUMBER}
    needs: environments
    if: needs.environments.outputs.environments != '[]'
${shardsOf('environments', ['contents: read', 'actions: read'], `${prefix}optimize-environments`)}
${attestJob(
  'optimize',
  `      - uses: ${ACTIONS.download}
        with:
          pattern: '*-optimize-*'
          path: runs
          merge-multiple: true`,
)}
`;
}

function optimizeEnvironmentsText(settings: WorkflowSettings): string {
  return `# One round of the optimizer in each of some environments: its client writes weights.
name: ${titleOf(settings, 'optimize environments')}
${CALLED}
${everywhere(settings.below)}
jobs:
  optimize:
${ENVIRONMENT_MATRIX}
    # The lock in the org keeps it apart from an apply.
    concurrency:
      group: ${groupOf(settings)}optimize-${MATRIX_ENVIRONMENT}
      cancel-in-progress: false
${unprotected(MATRIX_ENVIRONMENT, 'optimize')}
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    permissions:
      contents: read
      actions: read
    steps:
${install(NEWEST)}
      - name: Optimize
        env:
          # To ask whether the run that holds the lock has ended.
          ${TOKEN}
${credentials('OPTIMIZE', MATRIX_ENVIRONMENT)}
        run: npx --no -- strategos optimize --env "$ENVIRONMENT" --rounds 1 --format text
${KEEP_RUN}
`;
}
