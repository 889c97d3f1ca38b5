/**
 * Three workflows for GitHub: a pull request shows its plan, a push to main applies it, a schedule
 * looks for drift. Two clients of the org: one that reads, for plan and drift, and one that writes,
 * for apply alone and behind a protected environment.
 */
import type { StarterFile } from './files.js';
import { scalar } from './manifests.js';

export interface WorkflowSettings {
  /** Letters, digits, dots, hyphens and underscores: it stands in scripts. */
  readonly environment: string;
  /** `null`: the variable GENESYS_DOMAIN of the repository says it. */
  readonly host: string | null;
}

/** Tags can be moved, commits cannot. Looked up in the repositories of the actions. */
const ACTIONS = {
  checkout: 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1',
  setupNode: 'actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0',
  uploadArtifact: 'actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0',
};

export function starterWorkflows(settings: WorkflowSettings): StarterFile[] {
  const file = (name: string): string => `.github/workflows/strategos-${name}.yml`;
  return [
    { file: file('plan'), text: planText(settings) },
    { file: file('apply'), text: applyText(settings) },
    { file: file('drift'), text: driftText(settings) },
  ];
}

/** An expression of GitHub. It may stand anywhere but in a script: see test/starter. */
function expression(text: string): string {
  return `\${{ ${text} }}`;
}

/** The steps that every job begins with. */
const INSTALL = `      - uses: ${ACTIONS.checkout}
        with:
          persist-credentials: false
      - uses: ${ACTIONS.setupNode}
        with:
          node-version: 24
      - run: npm ci`;

/** The variables of a step that talks to the org; `client` is PLAN or APPLY. */
function credentials(client: 'PLAN' | 'APPLY', host: string | null): string {
  const lines = [
    `GENESYS_CLIENT_ID: ${expression(`secrets.GENESYS_${client}_CLIENT_ID`)}`,
    `GENESYS_CLIENT_SECRET: ${expression(`secrets.GENESYS_${client}_CLIENT_SECRET`)}`,
    ...(host === null ? [`GENESYS_DOMAIN: ${expression('vars.GENESYS_DOMAIN')}`] : []),
  ];
  return lines.map((line) => `          ${line}`).join('\n');
}

/** The folder's name begins with a dot, which an artifact leaves out unless told. */
function keepRuns(name: string): string {
  return `      - uses: ${ACTIONS.uploadArtifact}
        if: always()
        with:
          name: strategos-${name}-${expression('github.run_attempt')}
          path: .strategos/runs
          include-hidden-files: true
          if-no-files-found: ignore
          retention-days: 90`;
}

function planText({ environment, host }: WorkflowSettings): string {
  return `# A pull request: are the manifests valid, and what would they change?
name: strategos plan
on:
  pull_request:
permissions:
  contents: read
concurrency:
  group: strategos-plan-${expression('github.ref')}
  cancel-in-progress: true
jobs:
  # Needs no secrets, so it also runs for forks.
  validate:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
${INSTALL}
      - run: npx --no strategos validate
  # GitHub hands no secrets to forks: there it would only fail. Whoever may push a branch here can
  # use these secrets, so they are those of the client that only reads.
  plan:
    needs: validate
    if: github.event.pull_request.head.repo.full_name == github.repository
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
${INSTALL}
      - name: Plan
        env:
${credentials('PLAN', host)}
        run: >-
          npx --no strategos plan --env ${environment} --format markdown >> "$GITHUB_STEP_SUMMARY"
${keepRuns('plan')}
`;
}

function applyText({ environment, host }: WorkflowSettings): string {
  return `# A push to main: plan with the client that reads, wait for a reviewer, then
# apply that very plan with the client that writes. When the org moved in
# between, apply refuses: run the workflow again, and approve the new plan.
name: strategos apply
on:
  push:
    branches: [main]
permissions:
  contents: read
# One at a time, and none is cut off half-way.
concurrency:
  group: strategos-apply-${environment}
  cancel-in-progress: false
jobs:
  plan:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    outputs:
      digest: ${expression('steps.digest.outputs.digest')}
      changes: ${expression('steps.digest.outputs.changes')}
    steps:
${INSTALL}
      - name: Plan
        env:
${credentials('PLAN', host)}
        run: >-
          npx --no strategos plan --env ${environment} --out plan.json
          --format markdown >> "$GITHUB_STEP_SUMMARY"
      - id: digest
        name: What is there to approve?
        run: |
          jq --raw-output '"digest=\\(.digest)"' plan.json >> "$GITHUB_OUTPUT"
          jq --raw-output '
            [(.changes | length), .records, ([.guards[] | select(.passed | not)] | length)]
            | "changes=\\(add)"' plan.json >> "$GITHUB_OUTPUT"
${keepRuns('plan')}
  apply:
    needs: plan
    if: needs.plan.outputs.changes != '0'
    # Give it required reviewers, and the secrets of the client that writes: see README.md.
    environment: ${scalar(environment)}
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    steps:
${INSTALL}
      - name: Apply
        env:
          DIGEST: ${expression('needs.plan.outputs.digest')}
${credentials('APPLY', host)}
        run: >-
          npx --no strategos apply --env ${environment} --yes --expect-digest "$DIGEST"
          --format markdown >> "$GITHUB_STEP_SUMMARY"
${keepRuns('apply')}
`;
}

function driftText({ environment, host }: WorkflowSettings): string {
  return `# Every working day: did anybody change in the org what is managed here?
name: strategos drift
on:
  schedule:
    - cron: '23 5 * * 1-5'
  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: strategos-drift-${environment}
  cancel-in-progress: false
jobs:
  drift:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
${INSTALL}
      # Exit code 2 is drift: the run fails, and GitHub tells those who watch it.
      - name: Drift
        env:
${credentials('PLAN', host)}
        run: >-
          npx --no strategos drift --env ${environment} --format markdown >> "$GITHUB_STEP_SUMMARY"
${keepRuns('drift')}
`;
}
