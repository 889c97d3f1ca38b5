/**
 * The workflows for GitHub: a pull request shows its plan, a push to main applies what is approved,
 * schedules look for drift and move weights. Which environments there are is asked of the manifests
 * in every run, so the text is the same for one org and for a thousand: a workflow calls another
 * for some hundred environments at a time, which has a job for each.
 *
 * Clients of an org are apart: one reads (plan, drift), one writes and is behind a protected
 * environment (apply), one writes weights (optimize). What thinks is in `strategos ci`.
 */
import type { StarterFile } from './files.js';
import {
  ACTIONS,
  attestJob,
  CALLED,
  credentials,
  ENVIRONMENT_MATRIX,
  environmentsJob,
  expression,
  INPUT_ENVIRONMENT,
  install,
  KEEP_RUN,
  MATRIX_ENVIRONMENT,
  matrixOutputs,
  NO_FORK,
  SHARD_NUMBER,
  shardsOf,
  TOKEN,
  unprotected,
} from './workflow-parts.js';

export interface WorkflowSettings {
  /** What file names begin with: `strategos-`, or nothing in the repository of strategos. */
  readonly workflowPrefix: string;
}

/** Letters, digits, dots, hyphens and underscores: it names environments and groups of GitHub. */
export const WORKFLOW_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
export const WORKFLOW_NAME_HINT =
  'use up to 63 letters, digits, dots, hyphens and underscores, such as prod';

export function starterWorkflows({ workflowPrefix: prefix }: WorkflowSettings): StarterFile[] {
  const file = (name: string): string => `.github/workflows/${prefix}${name}.yml`;
  return [
    { file: file('plan'), text: planText(prefix) },
    { file: file('plan-environments'), text: planEnvironmentsText() },
    { file: file('apply'), text: applyText(prefix) },
    { file: file('apply-environments'), text: applyEnvironmentsText(prefix) },
    { file: file('apply-environment'), text: applyEnvironmentText() },
    { file: file('drift'), text: driftText(prefix) },
    { file: file('drift-environments'), text: driftEnvironmentsText(prefix) },
    { file: file('optimize'), text: optimizeText(prefix) },
    { file: file('optimize-environments'), text: optimizeEnvironmentsText() },
  ];
}

function planText(prefix: string): string {
  return `# A pull request: are the manifests valid, and what would they change?
name: strategos plan
on:
  pull_request:
permissions: {}
concurrency:
  group: strategos-plan-${expression('github.ref')}
  cancel-in-progress: true
jobs:
  # Needs no secrets, so it also runs for forks.
  validate:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read
    outputs:
${matrixOutputs()}
    steps:
${install()}
      - name: Validate
        run: npx --no -- strategos ci validate
      - name: Environments
        id: matrix
        env:
          GENESYS_DOMAIN: ${expression('vars.GENESYS_DOMAIN')}
        run: npx --no -- strategos ci matrix
${planJob(prefix)}
${commentJob()}
`;
}

function planJob(prefix: string): string {
  return `  # Whoever may push a branch here can use these secrets, so they are those of the client
  # that only reads.
  plan:
    name: plans ${SHARD_NUMBER}
    needs: validate
    if: >-
      needs.validate.outputs.environments != '[]' &&
      ${NO_FORK}
${shardsOf('validate', ['contents: read'], `${prefix}plan-environments`)}`;
}

function planEnvironmentsText(): string {
  return `# A plan for each of some environments, with the client that reads. It is called for pull
# requests that are from no fork.
name: strategos plan of environments
${CALLED}
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

function commentJob(): string {
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
        with:
          pattern: '*-plan-*'
          path: plans
          merge-multiple: true
      - name: Comment
        env:
          ${TOKEN}
          ENVIRONMENTS: ${expression('needs.validate.outputs.environments')}
        run: npx --no -- strategos ci comment --plans plans --environments "$ENVIRONMENTS"`;
}

function applyText(prefix: string): string {
  return `# A push to main: for every environment a plan, an approval, and that very plan applied.
# Whatever event a run is for, it works from the newest main: a run that GitHub drops while
# another waits is made up for by the next, and one that is run again undoes nothing.
name: strategos apply
on:
  push:
    branches: [main]
  workflow_dispatch:
permissions: {}
jobs:
${environmentsJob("    if: github.ref == 'refs/heads/main'\n", 'ref: main')}
  apply:
    name: environments ${SHARD_NUMBER}
    needs: environments
    if: needs.environments.outputs.environments != '[]'
${shardsOf('environments', APPLY_PERMISSIONS, `${prefix}apply-environments`)}
`;
}

const APPLY_PERMISSIONS = [
  ...['contents: read', 'pull-requests: read', 'actions: read'],
  ...['id-token: write', 'attestations: write'],
];

function applyEnvironmentsText(prefix: string): string {
  return `# Each of some environments by itself: one that waits or fails holds up no other.
name: strategos apply to environments
${CALLED}
jobs:
  environment:
${ENVIRONMENT_MATRIX}
    # One at a time in an environment, from its plan to its last change, and none is cut off.
    concurrency:
      group: strategos-apply-${MATRIX_ENVIRONMENT}
      cancel-in-progress: false
    # The most that a job of it may have; each has less.
    permissions:
${APPLY_PERMISSIONS.map((one) => `      ${one}`).join('\n')}
    uses: ./.github/workflows/${prefix}apply-environment.yml
    with:
      environment: ${MATRIX_ENVIRONMENT}
    secrets: inherit
`;
}

function applyEnvironmentText(): string {
  return `# One environment: plan with the client that reads, wait for a reviewer, apply that very
# plan with the client that writes. When the org or main moved in between, apply stops with exit
# code 4 and shows what moved: run the workflow again, and approve the new plan.
name: strategos apply to one environment
on:
  workflow_call:
    inputs:
      environment:
        type: string
        required: true
permissions: {}
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
${install('ref: main')}
      - name: Plan
        id: plan
        env:
          ${TOKEN}
${credentials('PLAN', INPUT_ENVIRONMENT)}
        run: npx --no -- strategos ci plan --env "$ENVIRONMENT"
${KEEP_RUN}
${approvedJob()}
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

function approvedJob(): string {
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
${install('ref: main')}
      # To show what moved, should it have moved. What is applied is planned anew and held against
      # the digest.
      - uses: ${ACTIONS.download}
        continue-on-error: true
        with:
          name: ${output('run')}
          path: planned
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

function driftText(prefix: string): string {
  return `# Every working day: did anybody change in the org what is managed here? One issue for
# each environment says so for as long as it is so.
name: strategos drift
on:
  schedule:
    - cron: '23 5 * * 1-5'
  workflow_dispatch:
permissions: {}
jobs:
${environmentsJob('', 'ref: main')}
  drift:
    name: drift ${SHARD_NUMBER}
    needs: environments
    if: needs.environments.outputs.environments != '[]'
${shardsOf('environments', ['contents: read', 'issues: write'], `${prefix}drift-environments`)}
`;
}

function driftEnvironmentsText(prefix: string): string {
  return `# A look for drift in each of some environments, with the client that reads.
name: strategos drift of environments
${CALLED}
jobs:
  drift:
${ENVIRONMENT_MATRIX}
    # Two at once would both open an issue.
    concurrency:
      group: strategos-drift-${MATRIX_ENVIRONMENT}
      cancel-in-progress: false
${unprotected(MATRIX_ENVIRONMENT, 'plan')}
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    permissions:
      contents: read
      issues: write
    steps:
${install('ref: main')}
      - name: Drift
        env:
          ${TOKEN}
${credentials('PLAN', MATRIX_ENVIRONMENT)}
        run: >-
          npx --no -- strategos ci drift --env "$ENVIRONMENT"
          --apply-workflow ${prefix}apply.yml
${KEEP_RUN}
`;
}

const OPTIMIZES = "vars.STRATEGOS_OPTIMIZE == 'on' && github.ref == 'refs/heads/main'";

function optimizeText(prefix: string): string {
  return `# One round of the optimizer: weights move within the bounds of their manifests. It writes
# to the org without approval, so it is off until the variable STRATEGOS_OPTIMIZE is set to on.
name: strategos optimize
on:
  schedule:
    - cron: '*/15 * * * *'
  workflow_dispatch:
permissions: {}
jobs:
${environmentsJob(`    if: ${OPTIMIZES}\n`, 'ref: main')}
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

function optimizeEnvironmentsText(): string {
  return `# One round of the optimizer in each of some environments: its client writes weights.
name: strategos optimize environments
${CALLED}
jobs:
  optimize:
${ENVIRONMENT_MATRIX}
    # The lock in the org keeps it apart from an apply.
    concurrency:
      group: strategos-optimize-${MATRIX_ENVIRONMENT}
      cancel-in-progress: false
${unprotected(MATRIX_ENVIRONMENT, 'optimize')}
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    permissions:
      contents: read
      actions: read
    steps:
${install('ref: main')}
      - name: Optimize
        env:
          # To ask whether the run that holds the lock has ended.
          ${TOKEN}
${credentials('OPTIMIZE', MATRIX_ENVIRONMENT)}
        run: npx --no -- strategos optimize --env "$ENVIRONMENT" --rounds 1 --format text
${KEEP_RUN}
`;
}
