/** Pieces that the workflows share: steps, jobs and conditions, as text. */
import { stringify } from 'yaml';

/** Tags can be moved, commits cannot. Looked up as tags in the repositories of the actions. */
export const ACTIONS = {
  checkout: 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1',
  setupNode: 'actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0',
  upload: 'actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0',
  download: 'actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1',
  attest: 'actions/attest@1e69f48acb82d1966a394da916b4c1698aa569d6 # v4.2.2',
};

/** An expression of GitHub. It may stand anywhere but in a script: see test/starter. */
export function expression(text: string): string {
  return `\${{ ${text} }}`;
}

export const MATRIX_ENVIRONMENT = expression('matrix.environment');
export const INPUT_ENVIRONMENT = expression('inputs.environment');
/**
 * The branch that everything is applied from, whatever its name. The event of a schedule does not
 * tell of the repository, and is always for that branch.
 */
export const DEFAULT_BRANCH = expression(
  'github.event.repository.default_branch || github.ref_name',
);
export const ON_DEFAULT_BRANCH =
  "github.ref == format('refs/heads/{0}', github.event.repository.default_branch)";
export const TOKEN = `GITHUB_TOKEN: ${expression('github.token')}`;

/** What GitHub gives no secrets to is told from what it gives them to. */
export const NO_FORK = `github.event.pull_request.head.repo.full_name == github.repository &&
      github.event.pull_request.user.login != 'dependabot[bot]'`;

/** The newest commit, of the default branch. */
export const NEWEST = `ref: ${DEFAULT_BRANCH}`;

/** A text as YAML, in quotes where it needs them. */
export function yaml(value: string | readonly string[]): string {
  const text = stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, ...WIDE });
  return text.trimEnd();
}

const WIDE = { lineWidth: 0, singleQuote: true } as const;

/** A text as a filter of branches or paths that matches it and nothing else. */
export function literally(text: string): string {
  return text.replace(/[\\*?+[\]!]/g, '\\$&');
}

/** What every job has: settings that are no secrets, and the folder that it works in. */
export function everywhere(below: string): string {
  const folder = `
defaults:
  run:
    working-directory: ${yaml(below)}`;
  return `# Outside of git: what manifests may name besides GENESYS_… and Genesys regions.
env:
  STRATEGOS_ALLOW_ENV: ${expression('vars.STRATEGOS_ALLOW_ENV')}
  STRATEGOS_ALLOW_HOSTS: ${expression('vars.STRATEGOS_ALLOW_HOSTS')}${below === '' ? '' : folder}`;
}

/** A path of an action, which knows the folder of the repository alone. */
export function inFolder(below: string, name: string): string {
  return below === '' ? name : yaml(`${below}/${name}`);
}

/**
 * The steps that every job begins with. `more` is a line of the checkout: `NEWEST`, or
 * `fetch-depth: 2` for the merge of a pull request with the branch that it is merged into.
 */
export function install(more?: string): string {
  const at = more === undefined ? '' : `\n          ${more}`;
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

/** What writes tells workforce management; where neither is set there is nobody to tell. */
const TELLS = [
  `WFM_SYNC_URL: ${expression('vars.WFM_SYNC_URL')}`,
  `WFM_SIGNING_SECRET: ${expression('secrets.WFM_SIGNING_SECRET')}`,
];

/** The variables of a step that talks to an org. Where a manifest names its host, that holds. */
export function credentials(client: Client, environment: string): string {
  return [
    `ENVIRONMENT: ${environment}`,
    `GENESYS_CLIENT_ID: ${expression(`secrets.GENESYS_${client}_CLIENT_ID`)}`,
    `GENESYS_CLIENT_SECRET: ${expression(`secrets.GENESYS_${client}_CLIENT_SECRET`)}`,
    `GENESYS_DOMAIN: ${expression('vars.GENESYS_DOMAIN')}`,
    ...(client === 'PLAN' ? [] : TELLS),
  ]
    .map((line) => `          ${line}`)
    .join('\n');
}

/** Secrets of its own, where it has any; no deployment, for nothing is deployed. */
export function unprotected(environment: string, suffix: string): string {
  return `    environment:
      name: ${environment}-${suffix}
      deployment: false`;
}

/** The run folder, whose name begins with a dot, as an artifact, whatever became of the run. */
export const KEEP_RUN = `      - name: Run folder
        id: run
        if: always()
        run: npx --no -- strategos ci artifact
      - uses: ${ACTIONS.upload}
        if: always() && steps.run.outputs.name != ''
        with:
          name: ${expression('steps.run.outputs.name')}
          path: ${expression('steps.run.outputs.path')}
          include-hidden-files: true
          if-no-files-found: error
          retention-days: 90`;

/** A job that asks the manifests which environments there are. */
export function environmentsJob(condition: string, checkout?: string): string {
  return `  environments:
${condition}    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read
    outputs:
${matrixOutputs()}
    steps:
${install(checkout)}
      - name: Environments
        id: matrix
        env:
          GENESYS_DOMAIN: ${expression('vars.GENESYS_DOMAIN')}
        run: npx --no -- strategos ci matrix`;
}

/** What a job with a step `matrix`, which is `ci matrix`, has for the jobs that need it. */
export function matrixOutputs(): string {
  return ['environments', 'shards']
    .map((name) => `      ${name}: ${expression(`steps.matrix.outputs.${name}`)}`)
    .join('\n');
}

/**
 * The end of a job that calls a workflow for some environments at a time: a matrix has no more
 * than 256 jobs, and each of its jobs may call a workflow with a matrix of its own.
 */
export function shardsOf(job: string, permissions: readonly string[], file: string): string {
  return `    strategy:
      fail-fast: false
      matrix:
        shard: ${expression(`fromJSON(needs.${job}.outputs.shards)`)}
    # The most that a job of it may have.
    permissions:
${permissions.map((one) => `      ${one}`).join('\n')}
    uses: ./.github/workflows/${file}.yml
    with:
      environments: ${expression('toJSON(matrix.shard.environments)')}
    secrets: inherit`;
}

/** The number of its shard, so that no job is called after 256 environments. */
export const SHARD_NUMBER = expression('matrix.shard.number');

/** What a workflow that is called for some environments begins with, after its name. */
export const CALLED = `on:
  workflow_call:
    inputs:
      # A JSON array of names.
      environments:
        type: string
        required: true
permissions: {}`;

export const ENVIRONMENT_MATRIX = `    strategy:
      fail-fast: false
      matrix:
        environment: ${expression('fromJSON(inputs.environments)')}`;

/** Of runs by the names of their artifacts: this job runs nothing that is not GitHub's. */
function attestSteps(downloads: string): string {
  return `${downloads}
      - uses: ${ACTIONS.attest}
        if: hashFiles('runs/*/audit.jsonl') != ''
        with:
          subject-path: runs/*/audit.jsonl`;
}

export function attestJob(needs: string, downloads: string): string {
  return `  # Signs that these records come from this workflow, commit and run: see
  # docs/audit.md of strategos.
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
