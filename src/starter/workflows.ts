/**
 * The workflows for GitHub: a pull request shows its plan, a push to main applies what was approved,
 * schedules look for drift and move weights. Which environments there are is asked of the manifests
 * in every run, so the text is the same for one org and for a hundred.
 *
 * Clients of an org are apart: one reads (plan, drift), one writes and is behind a protected
 * environment (apply), one writes weights (optimize). What thinks is in `strategos ci`.
 */
import type { StarterFile } from './files.js';

export interface WorkflowSettings {
  /** What the names of the files begin with: `strategos-`, or nothing in a repository of its own. */
  readonly workflowPrefix: string;
}

/** Letters, digits, dots, hyphens and underscores: it names environments and groups of GitHub. */
export const WORKFLOW_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
export const WORKFLOW_NAME_HINT =
  'use up to 63 letters, digits, dots, hyphens and underscores, such as prod';

/** Tags can be moved, commits cannot. Looked up as tags in the repositories of the actions. */
const ACTIONS = {
  checkout: 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1',
  setupNode: 'actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0',
  upload: 'actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0',
  download: 'actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1',
  attest: 'actions/attest@1e69f48acb82d1966a394da916b4c1698aa569d6 # v4.2.2',
};

export function starterWorkflows({ workflowPrefix: prefix }: WorkflowSettings): StarterFile[] {
  const file = (name: string): string => `.github/workflows/${prefix}${name}.yml`;
  return [
    { file: file('plan'), text: planText() },
    { file: file('apply'), text: applyText(prefix) },
    { file: file('apply-environment'), text: applyEnvironmentText() },
    { file: file('drift'), text: driftText(prefix) },
    { file: file('optimize'), text: optimizeText() },
  ];
}

/** An expression of GitHub. It may stand anywhere but in a script: see test/starter. */
function expression(text: string): string {
  return `\${{ ${text} }}`;
}

const MATRIX_ENVIRONMENT = expression('matrix.environment');
const INPUT_ENVIRONMENT = expression('inputs.environment');
const TOKEN = `GITHUB_TOKEN: ${expression('github.token')}`;

/** What GitHub gives no secrets to is told from what it gives them to. */
const NO_FORK = `github.event.pull_request.head.repo.full_name == github.repository &&
      github.event.pull_request.user.login != 'dependabot[bot]'`;

/** The steps that every job begins with. `ref` is what is checked out, else what the event says. */
function install(ref?: string): string {
  const at = ref === undefined ? '' : `\n          ref: ${ref}`;
  return `      - uses: ${ACTIONS.checkout}
        with:
          persist-credentials: false${at}
      - uses: ${ACTIONS.setupNode}
        with:
          node-version: 24
          package-manager-cache: false
      - run: npm ci`;
}

type Client = 'PLAN' | 'APPLY' | 'OPTIMIZE';

/** The variables of a step that talks to an org. Where a manifest names its host, that holds. */
function credentials(client: Client, environment: string): string {
  return [
    `ENVIRONMENT: ${environment}`,
    `GENESYS_CLIENT_ID: ${expression(`secrets.GENESYS_${client}_CLIENT_ID`)}`,
    `GENESYS_CLIENT_SECRET: ${expression(`secrets.GENESYS_${client}_CLIENT_SECRET`)}`,
    `GENESYS_DOMAIN: ${expression('vars.GENESYS_DOMAIN')}`,
  ]
    .map((line) => `          ${line}`)
    .join('\n');
}

/** Secrets of its own, where it has any; no deployment, for nothing is deployed. */
function unprotected(environment: string, suffix: string): string {
  return `    environment:
      name: ${environment}-${suffix}
      deployment: false`;
}

/** The run folder as an artifact, whatever became of the run. Its folder's name begins with a dot. */
const KEEP_RUN = `      - name: Run folder
        id: run
        if: always()
        run: npx --no strategos ci artifact
      - uses: ${ACTIONS.upload}
        if: always() && steps.run.outputs.name != ''
        with:
          name: ${expression('steps.run.outputs.name')}
          path: ${expression('steps.run.outputs.path')}
          include-hidden-files: true
          if-no-files-found: error
          retention-days: 90`;

/** A job that asks the manifests which environments there are. */
function environmentsJob(condition: string, ref?: string): string {
  return `  environments:
${condition}    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read
    outputs:
      environments: ${expression('steps.matrix.outputs.environments')}
    steps:
${install(ref)}
      - name: Environments
        id: matrix
        env:
          GENESYS_DOMAIN: ${expression('vars.GENESYS_DOMAIN')}
        run: npx --no strategos ci matrix`;
}

function matrixOf(job: string): string {
  return `    strategy:
      fail-fast: false
      matrix:
        environment: ${expression(`fromJSON(needs.${job}.outputs.environments)`)}`;
}

/** Of runs by the names of their artifacts: this job runs nothing that is not GitHub's. */
function attestSteps(downloads: string): string {
  return `${downloads}
      - uses: ${ACTIONS.attest}
        if: hashFiles('runs/*/audit.jsonl') != ''
        with:
          subject-path: runs/*/audit.jsonl`;
}

function attestJob(needs: string, downloads: string): string {
  return `  # That these records come from this workflow, and from which commit and run: docs/audit.md.
  # The variable STRATEGOS_ATTEST is set to off where GitHub has no attestations (private
  # repositories outside Enterprise Cloud, Enterprise Server).
  attest:
    needs: ${needs}
    if: always() && vars.STRATEGOS_ATTEST != 'off'
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      id-token: write
      attestations: write
    steps:
${attestSteps(downloads)}`;
}

function planText(): string {
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
      environments: ${expression('steps.matrix.outputs.environments')}
    steps:
${install()}
      - name: Validate
        run: npx --no strategos ci validate
      - name: Environments
        id: matrix
        env:
          GENESYS_DOMAIN: ${expression('vars.GENESYS_DOMAIN')}
        run: npx --no strategos ci matrix
  # Whoever may push a branch here can use these secrets, so they are those of the client that only
  # reads.
  plan:
    needs: validate
    if: >-
      needs.validate.outputs.environments != '[]' &&
      ${NO_FORK}
${matrixOf('validate')}
${unprotected(MATRIX_ENVIRONMENT, 'plan')}
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    permissions:
      contents: read
    steps:
${install()}
      - name: Plan
        env:
${credentials('PLAN', MATRIX_ENVIRONMENT)}
        run: npx --no strategos ci plan --env "$ENVIRONMENT"
${KEEP_RUN}
  # One comment for all environments, also when the manifests are not valid or a plan failed.
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
${install()}
      - uses: ${ACTIONS.download}
        with:
          pattern: '*-plan-*'
          path: plans
          merge-multiple: true
      - name: Comment
        env:
          ${TOKEN}
          ENVIRONMENTS: ${expression('needs.validate.outputs.environments')}
        run: npx --no strategos ci comment --plans plans --environments "$ENVIRONMENTS"
`;
}

function applyText(prefix: string): string {
  return `# A push to main: for every environment a plan, an approval, and exactly that plan applied.
# Whatever event a run is for, it works from the newest main: a run that GitHub drops while
# another waits is made up for by the next, and one that is run again undoes nothing.
name: strategos apply
on:
  push:
    branches: [main]
  workflow_dispatch:
permissions: {}
jobs:
${environmentsJob("    if: github.ref == 'refs/heads/main'\n", 'main')}
  environment:
    needs: environments
    if: needs.environments.outputs.environments != '[]'
${matrixOf('environments')}
    # One at a time in an environment, from its plan to its last change, and none is cut off.
    concurrency:
      group: strategos-apply-${MATRIX_ENVIRONMENT}
      cancel-in-progress: false
    # The most that a job of it may have; each has less.
    permissions:
      contents: read
      pull-requests: read
      actions: read
      id-token: write
      attestations: write
    uses: ./.github/workflows/${prefix}apply-environment.yml
    with:
      environment: ${MATRIX_ENVIRONMENT}
    secrets: inherit
`;
}

function applyEnvironmentText(): string {
  const output = (name: string): string => expression(`needs.plan.outputs.${name}`);
  return `# One environment: plan with the client that reads, wait for a reviewer, apply that very plan with
# the client that writes. When the org or main moved in between, apply stops with exit code 4 and
# shows what moved: run the workflow again, and approve the new plan.
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
${install('main')}
      - name: Plan
        id: plan
        env:
          ${TOKEN}
${credentials('PLAN', INPUT_ENVIRONMENT)}
        run: npx --no strategos ci plan --env "$ENVIRONMENT"
${KEEP_RUN}
  apply:
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
${install('main')}
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
          npx --no strategos ci apply --env "$ENVIRONMENT" --expect-digest "$DIGEST"
          --planned planned --pull-request "$PULL_REQUEST"
${KEEP_RUN}
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

function driftText(prefix: string): string {
  return `# Every working day: did anybody change in the org what is managed here? One issue for each
# environment says so for as long as it is so.
name: strategos drift
on:
  schedule:
    - cron: '23 5 * * 1-5'
  workflow_dispatch:
permissions: {}
jobs:
${environmentsJob('')}
  drift:
    needs: environments
    if: needs.environments.outputs.environments != '[]'
${matrixOf('environments')}
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
${install()}
      - name: Drift
        env:
          ${TOKEN}
${credentials('PLAN', MATRIX_ENVIRONMENT)}
        run: >-
          npx --no strategos ci drift --env "$ENVIRONMENT"
          --apply-workflow ${prefix}apply.yml
${KEEP_RUN}
`;
}

function optimizeText(): string {
  return `# One round of the optimizer: weights move within the bounds of their manifests. It writes to the
# org without anybody's approval, so it is off until the variable STRATEGOS_OPTIMIZE is set to on.
name: strategos optimize
on:
  schedule:
    - cron: '*/15 * * * *'
  workflow_dispatch:
permissions: {}
jobs:
${environmentsJob("    if: vars.STRATEGOS_OPTIMIZE == 'on' && github.ref == 'refs/heads/main'\n", 'main')}
  optimize:
    needs: environments
    if: needs.environments.outputs.environments != '[]'
${matrixOf('environments')}
    # The lock in the org keeps it apart from an apply.
    concurrency:
      group: strategos-optimize-${MATRIX_ENVIRONMENT}
      cancel-in-progress: false
${unprotected(MATRIX_ENVIRONMENT, 'optimize')}
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    permissions:
      contents: read
    steps:
${install('main')}
      - name: Optimize
        env:
${credentials('OPTIMIZE', MATRIX_ENVIRONMENT)}
        run: >-
          npx --no strategos optimize --env "$ENVIRONMENT" --rounds 1
          --format markdown >> "$GITHUB_STEP_SUMMARY"
${KEEP_RUN}
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
