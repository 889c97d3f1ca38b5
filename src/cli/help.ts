/** What every `--help` says besides options: two examples, the variables, where to read more. */
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { packageFile } from './package-files.js';

interface Help {
  /** What to type after the name of the program, and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** Variables of the environment beside those of every command. */
  readonly variables: 'org' | 'github' | 'wfm' | 'none';
  /** A page, from `docs/`. */
  readonly page: string;
}

const VARIABLES: Readonly<Record<Help['variables'], readonly string[]>> = {
  none: [],
  org: ['GENESYS_DOMAIN', 'GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET'],
  wfm: [
    ...['GENESYS_DOMAIN', 'GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET'],
    ...['WFM_SYNC_URL', 'WFM_SIGNING_SECRET'],
  ],
  github: [
    ...['GENESYS_DOMAIN', 'GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET'],
    ...['GITHUB_TOKEN', 'GITHUB_*'],
  ],
};

/** Which of a client's secrets a manifest may name, and hosts beside the regions. */
const OF_ALL = ['NO_COLOR', 'STRATEGOS_ALLOW_ENV', 'STRATEGOS_ALLOW_HOSTS'];

const HELP: Readonly<Record<string, Help>> = {
  validate: {
    examples: [
      ['validate', 'every manifest below strategies/'],
      ['validate strategies/billing.yaml --format json', 'one file, for a program'],
    ],
    variables: 'none',
    page: 'manifests.md',
  },
  plan: {
    examples: [
      ['plan -e prod --out plan.json', 'what an apply would change, kept for: apply plan.json'],
      ['plan --target RoutingStrategy/sales --detailed-exitcode', 'one strategy; 2: changes'],
    ],
    variables: 'org',
    page: 'plan.md',
  },
  apply: {
    examples: [
      ['apply -e prod', 'plans, shows, asks, applies'],
      ['apply plan.json', 'exactly that plan, or nothing where anything moved since'],
    ],
    variables: 'wfm',
    page: 'plan.md',
  },
  drift: {
    examples: [
      ['drift -e prod', 'what changed in the org, and who changed it'],
      ['drift --audit-days 90 --format markdown', 'further back, for an issue'],
    ],
    variables: 'org',
    page: 'plan.md',
  },
  compare: {
    examples: [
      ['compare --from test --to prod', 'what differs, by name'],
      ['compare --from test --to prod --detailed-exitcode', '2: they differ'],
    ],
    variables: 'org',
    page: 'manifests.md',
  },
  export: {
    examples: [
      ['export --out exported', 'a manifest for every strategy of the org'],
      ['export --out strategies --overwrite', 'what the org has, into the manifests there'],
    ],
    variables: 'org',
    page: 'manifests.md',
  },
  doctor: {
    examples: [
      ['doctor -e prod', 'reads alone: login, permissions, limits, pages, audit, queries'],
      ['doctor --write --out org.json', 'also in a table of its own; asks; keeps the report'],
    ],
    variables: 'org',
    page: 'doctor.md',
  },
  rollback: {
    examples: [
      ['rollback latest --dry-run', 'what would go back to before the last run that changed it'],
      ['rollback latest --target billing', 'one strategy of that run; asks'],
    ],
    variables: 'wfm',
    page: 'reliability.md',
  },
  unlock: {
    examples: [
      ['unlock -e prod', 'releases the lock of a run that is gone; asks'],
      ['unlock --yes', 'without a terminal'],
    ],
    variables: 'org',
    page: 'reliability.md',
  },
  report: {
    examples: [
      ['report -e prod --out site', 'site/strategos.html: to attach, to mail, for GitHub Pages'],
      ['report --since 24h --out today.html', 'with the calls of a whole day'],
    ],
    variables: 'org',
    page: 'console.md',
  },
  console: {
    examples: [
      ['console -e prod', 'prints an address for a browser on this machine'],
      ['console --port 8088 --interval 60', 'a look at the org each minute, while one watches'],
    ],
    variables: 'org',
    page: 'console.md',
  },
  'owner transfer': {
    examples: [
      [
        'owner transfer --from old-name --to github.com/acme/routing//strategies --dry-run',
        'what would be handed over',
      ],
      [
        'owner transfer --from old-name --to github.com/acme/routing//strategies',
        'hands it over; asks',
      ],
    ],
    variables: 'org',
    page: 'state.md',
  },
  predict: {
    examples: [
      ['predict --target billing', 'what its callers will meet in the next hour'],
      ['predict --agents North=12 --rate North=+20%', 'what if; both can be given often'],
    ],
    variables: 'org',
    page: 'prediction.md',
  },
  optimize: {
    examples: [
      ['optimize --dry-run', 'what would move now'],
      ['optimize --watch --interval 60', 'round after round until Ctrl-C'],
    ],
    variables: 'org',
    page: 'optimizer.md',
  },
  sync: {
    examples: [
      ['sync -e prod', 'sends the metadata of every strategy'],
      ['sync --pending', 'only what waits in the outbox'],
    ],
    variables: 'wfm',
    page: 'wfm.md',
  },
  metrics: {
    examples: [
      ['metrics --since 1h', 'offered, answered, wait, service level'],
      ['metrics --since 7d --until 6d --target billing', 'one strategy, one day of last week'],
    ],
    variables: 'org',
    page: 'metrics.md',
  },
  cycle: {
    examples: [
      ['cycle --yes', 'validate, plan, apply, optimize, sync, metrics, trail'],
      ['cycle --yes --rounds 1', 'with one round of the optimizer'],
    ],
    variables: 'wfm',
    page: 'optimizer.md',
  },
  'audit show': {
    examples: [
      ['audit show', 'the runs of this folder'],
      ['audit show latest', 'the records of the newest'],
    ],
    variables: 'none',
    page: 'audit.md',
  },
  'audit verify': {
    examples: [
      ['audit verify', 'the chains of all runs; 3: something was changed'],
      ['audit verify --org', 'held against what the org has on record'],
    ],
    variables: 'org',
    page: 'audit.md',
  },
  'audit trail': {
    examples: [
      ['audit trail --since 24h', "the platform's record beside ours"],
      ['audit trail --since 7d --format jsonl', 'a line an event, for a log store'],
    ],
    variables: 'org',
    page: 'audit.md',
  },
  'ci validate': {
    examples: [
      ['ci validate', 'annotations at the lines, and the summary of the job'],
      ['ci validate --dir routing/strategies', 'of another folder'],
    ],
    variables: 'github',
    page: 'github.md',
  },
  'ci matrix': {
    examples: [
      ['ci matrix', 'the names of the environments, for a matrix of jobs'],
      ['ci matrix --if-changed', 'none where the pull request changes nothing here'],
    ],
    variables: 'github',
    page: 'github.md',
  },
  'ci plan': {
    examples: [
      ['ci plan -e prod', 'what the comment will show of this environment'],
      ['ci plan --quiet', 'without progress in the log of the job'],
    ],
    variables: 'github',
    page: 'github.md',
  },
  'ci comment': {
    examples: [
      ['ci comment', 'what would be posted of the plans of this machine; outside of GitHub'],
      ['ci comment --plans plans', 'writes the comment, from the runs of the jobs that planned'],
    ],
    variables: 'github',
    page: 'github.md',
  },
  'ci artifact': {
    examples: [
      ['ci artifact', 'the run folder of this job, to upload'],
      ['ci artifact --runs runs', 'of another folder of runs'],
    ],
    variables: 'github',
    page: 'github.md',
  },
  'ci apply': {
    examples: [
      ['ci apply -e prod --expect-digest "$DIGEST"', 'that plan, or exit 4'],
      ['ci apply --expect-digest "$DIGEST" --lock-timeout 60', 'waits a minute at most'],
    ],
    variables: 'github',
    page: 'github.md',
  },
  'ci drift': {
    examples: [
      ['ci drift -e prod', 'opens, updates or closes the issue'],
      ['ci drift --audit-days 90', 'looks further back for who did it'],
    ],
    variables: 'github',
    page: 'github.md',
  },
  init: {
    examples: [
      ['init .', 'manifests, schemas and workflows in this folder'],
      ['init routing --environment prod --host mypurecloud.ie', 'a folder for one org'],
    ],
    variables: 'none',
    page: 'manifests.md',
  },
  upgrade: {
    examples: [
      ['upgrade --dry-run', 'what this version writes otherwise, as a diff'],
      ['upgrade', 'write it; a file that you have changed stays yours'],
    ],
    variables: 'none',
    page: 'github.md',
  },
  simulator: {
    examples: [
      ['simulator --port 8080', 'a small contact centre; client and secret: demo'],
      ['simulator --org org.yaml --rate-limit 0', 'your own, without a limit'],
    ],
    variables: 'none',
    page: 'simulator.md',
  },
  demo: {
    examples: [
      ['demo', 'the main job end to end, in seconds'],
      ['demo --full --keep', 'the whole cycle; its folder stays to look at'],
    ],
    variables: 'none',
    page: 'plan.md',
  },
  completion: {
    examples: [
      [
        'completion bash >> ~/.bashrc',
        'of the word strategos, where PATH has the folder node_modules/.bin',
      ],
      ['completion zsh > ~/.zfunc/_strategos', 'in a folder of your fpath'],
    ],
    variables: 'none',
    page: '../README.md',
  },
};

/** Adds to every command below this one what its help says after the options. */
export function addHelp(program: Command): void {
  program.addHelpText('after', () => examplesText(FIRST).join('\n'));
  each(program, [], (command, name) => {
    const help = HELP[name];
    if (help !== undefined) command.addHelpText('after', () => helpText(help));
  });
  pointToOwn(program, []);
}

/** What is wrong with the words of a command is told with where that command lists them. */
function pointToOwn(parent: Command, path: readonly string[]): void {
  const below = parent.commands.flatMap(({ options }) => options.map(({ long }) => long));
  parent.configureOutput({
    outputError: (text, write) => write(`${text}${slipHint(text, parent, below)}`),
  });
  for (const command of parent.commands) {
    const names = [...path, command.name()];
    command.showHelpAfterError(helpHint(names));
    pointToOwn(command, names);
  }
}

/** Of words that are right in another place; empty where they are right nowhere. */
function slipHint(
  text: string,
  { options }: Command,
  below: readonly (string | null | undefined)[],
): string {
  const [, unknown] = /^error: unknown option '(--[a-z-]+)/.exec(text) ?? [];
  if (unknown !== undefined && below.includes(unknown)) {
    return `(${unknown} stands behind the command)\n`;
  }
  if (text.startsWith("error: missing required argument 'run'")) {
    return '(latest is the newest that changed something; audit show lists all)\n';
  }
  if (!text.startsWith('error: too many arguments')) return '';
  const own = options.map(({ long }) => long);
  const ways = [
    own.includes('--dir') ? 'a folder of manifests is given with --dir' : '',
    own.includes('--target') ? 'a name with --target' : '',
  ].filter((way) => way !== '');
  return ways.length === 0 ? '' : `(${ways.join(', ')})\n`;
}

/** As it can be typed where it is installed beside the manifests. */
const COMMAND = 'npx --no -- strategos';

export function helpHint(names: readonly string[]): string {
  const what = names.length === 0 ? 'the commands' : 'what it takes';
  return `(${[COMMAND, ...names, '--help'].join(' ')} lists ${what})`;
}

/** Of strategos as a whole. */
const FIRST: Help['examples'] = [
  ['demo', 'all of it on an embedded simulator: no org, no credentials'],
  ['plan -e prod', 'what an apply would change in the org of that environment'],
];

function examplesText(examples: Help['examples']): string[] {
  const lines = examples.flatMap(([line, does]) => [`  ${COMMAND} ${line}`, `      ${does}`]);
  return ['', 'Examples:', ...lines];
}

function helpText({ examples, variables, page }: Help): string {
  return [
    ...examplesText(examples),
    '',
    `Environment: ${[...VARIABLES[variables], ...OF_ALL].join(', ')}`,
    `More: ${fileURLToPath(packageFile(`docs/${page}`))}`,
  ].join('\n');
}

/** Calls `act` with every command that does something, and its name in full. */
export function each(
  parent: Command,
  path: readonly string[],
  act: (command: Command, name: string) => void,
): void {
  for (const command of parent.commands) {
    const names = [...path, command.name()];
    if (command.commands.length === 0) act(command, names.join(' '));
    each(command, names, act);
  }
}
