/** What is around the manifests: package, settings of git, and the page that says what to do. */
import type { Permissions } from './permissions.js';
import type { StarterFile } from './starter-file.js';
import { toTop } from './workflows.js';

export interface RepositorySettings {
  readonly environment: string;
  readonly host: string | null;
  /** Where npm gets strategos: a version, a git URL or a tarball. */
  readonly packageSpec: string;
  /** The default branch. */
  readonly branch: string;
  /** Folder of all of it below the repository's; empty where that is the one. */
  readonly below: string;
  /** Whether an example of CODEOWNERS is wanted. */
  readonly codeowners: boolean;
}

type Settings = RepositorySettings & { readonly permissions: Permissions };

export function repositoryFiles(settings: Settings): StarterFile[] {
  const { below, codeowners } = settings;
  return [
    { file: '.gitattributes', text: '* text=auto eol=lf\n' },
    ...(codeowners ? [codeownersFile(below)] : []),
    { file: '.gitignore', text: 'node_modules/\n.strategos/\nplan.json\n' },
    { file: 'README.md', text: readme(settings) },
    { file: 'package.json', text: packageText(settings) },
  ];
}

function packageText({ packageSpec }: RepositorySettings): string {
  const content = {
    private: true,
    description: 'Routing strategies, applied by strategos',
    engines: { node: '>=20.19' },
    devDependencies: { strategos: packageSpec },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** GitHub looks for it in the repository's own folder alone. */
export function codeownersFile(below: string): StarterFile {
  const own = below === '' ? '' : `/${below.replaceAll(' ', '\\ ')}/`;
  const owned = [
    [`${own}strategies/`, '@your-org/routing'],
    [`${own}strategies/environment.yaml`, '@your-org/contact-centre-admins'],
    ['.github/', '@your-org/contact-centre-admins'],
    [`${own}package.json`, '@your-org/contact-centre-admins'],
    [`${own}package-lock.json`, '@your-org/contact-centre-admins'],
  ] as const;
  const width = Math.max(...owned.map(([file]) => file.length)) + 2;
  const lines = owned.map(([file, who]) => `# ${file.padEnd(width)}${who}\n`);
  return { file: `${toTop(below)}.github/CODEOWNERS`, text: `${CODEOWNERS}${lines.join('')}` };
}

const CODEOWNERS = `# Who has to approve a change of which file. Remove the "#" of a line and put
# your teams in their place: https://docs.github.com/articles/about-code-owners
#
`;

function page(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

function readme(settings: Settings): string {
  return page([
    '# Routing strategies',
    '',
    'Routing strategies of a Genesys Cloud org, kept as YAML and applied by strategos: a pull',
    `request shows what it would change, a merge to \`${settings.branch}\` applies exactly that.`,
    '',
    ...(settings.below === '' ? [] : [...IN_A_FOLDER, '']),
    '## First steps',
    '',
    ...firstSteps(settings).map((step, index) =>
      `${index + 1}. ${step.join('\n   ')}`.replace(/[ ]+$/gm, ''),
    ),
    '',
    ...EXISTING_ORG,
    '',
    ...whatIsWhere(settings.below),
  ]);
}

function firstSteps(settings: Settings): (readonly string[])[] {
  const { environment, host, packageSpec, branch } = settings;
  const region = host === null ? ['and the variable `GENESYS_DOMAIN` (your region).'] : [];
  return [
    ...(isVersion(packageSpec) ? [whereFrom(packageSpec)] : []),
    ['`npm install`, and commit `package-lock.json` with the rest: the workflows need it.'],
    clients(settings.permissions),
    [
      'On GitHub give the repository the secrets `GENESYS_PLAN_CLIENT_ID` and',
      `\`GENESYS_PLAN_CLIENT_SECRET\` (the client that reads)${host === null ? ',' : '.'}`,
      ...region,
    ],
    [
      `Make the environment \`${environment}\` with required reviewers, with`,
      `\`${branch}\` as its only branch, and with the secrets \`GENESYS_APPLY_CLIENT_ID\` and`,
      '`GENESYS_APPLY_CLIENT_SECRET` (the client that writes).',
    ],
    [
      'In a private repository outside GitHub Enterprise Cloud set the variable `STRATEGOS_ATTEST`',
      'to `off`: GitHub signs no attestations there.',
    ],
    [
      'In `strategies/example.yaml.unfinished` put names of your org in the place of those that',
      'begin with REPLACE and take `.unfinished` off its name, or export what the org has (below).',
      'Try `npx --no -- strategos validate`, and open the first pull request: a comment shows the',
      'plan.',
    ],
    [
      'A strategy routes calls when it is `status: active` and a call flow looks it up:',
      '`call-flow/strategos-inbound.yaml` is a flow to start from.',
    ],
  ];
}

/** Taken from the npm registry, and not from an address. */
export function isVersion(packageSpec: string): boolean {
  return /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(packageSpec);
}

function whereFrom(version: string): readonly string[] {
  return [
    `\`package.json\` asks npm for strategos ${version}. Where npm does not have that version`,
    `(\`npm view strategos@${version}\` finds nothing), put the tarball of a release, or the`,
    'one that `npm pack` makes of a checkout, in this folder and commit it:',
    `\`npm install --save-dev ./strategos-${version}.tgz\`. Or name a git URL there, such as`,
    `\`git+https://github.com/acme/strategos.git#v${version}\`: it is built wherever it is`,
    'installed, which takes minutes.',
  ];
}

/** A permission for a line: they are clicked one by one. */
function clients({ reads, writes, kinds }: Permissions): readonly string[] {
  const rows = (permissions: readonly string[]): string[] =>
    [...permissions].sort().map((one) => `- \`${one}\``);
  return [
    'In Genesys Cloud make two OAuth clients with client credentials. One that reads:',
    '',
    ...rows(reads),
    '',
    'One that writes: the same, and',
    '',
    ...rows(writes),
    '',
    'For kinds that manifests declare beside strategies they need as well:',
    '',
    ...kinds.map(({ kind, reads: read, writes: write }) => {
      const all = [
        ...(read.length === 0 ? [] : [`to read ${listText(read)}`]),
        ...(write.length === 0 ? [] : [`to write ${listText(write)}`]),
      ];
      return `- ${kind}: ${all.join('; ')}`;
    }),
    '',
    '`npx --no -- strategos doctor` says which of them a client lacks.',
  ];
}

function listText(permissions: readonly string[]): string {
  return permissions.map((one) => `\`${one}\``).join(', ');
}

const EXISTING_ORG = [
  '## From an org that has strategies already',
  '',
  'With `GENESYS_DOMAIN` set, and `GENESYS_CLIENT_ID` and `GENESYS_CLIENT_SECRET` of the client',
  'that reads:',
  '',
  '```sh',
  'npx --no -- strategos export --out strategies   # what the data table has, as manifests',
  'npx --no -- strategos plan                      # finds nothing to change',
  '```',
  '',
  'The example of `init` goes then, where nobody has changed it.',
  '',
  'What was not made from here is taken over only by `npx --no -- strategos apply --adopt`, once',
  'and by hand. A later `export --out strategies --overwrite` amends the manifests: comments,',
  'descriptions and checks stay.',
];

const IN_A_FOLDER = [
  'This folder is a part of a repository. GitHub reads workflows and `CODEOWNERS` at the root of',
  'the repository alone: that is where they are. Every command below is given in this folder.',
];

function whatIsWhere(below: string): readonly string[] {
  const rows = [
    ['`strategies/`', 'the manifests: one environment, and a file for each strategy'],
    ['`schemas/`', 'completion and checking in the editor; copies, do not edit them'],
    ['`call-flow/`', 'a flow that routes by a strategy, as a skeleton for Archy'],
    [
      `\`${toTop(below)}.github/workflows/\``,
      'plan, apply, drift; optimize, off until it is switched on',
    ],
    ['`.strategos/runs/`', 'records of runs on this machine, not in git'],
  ] as const;
  const [first, second] = [0, 1].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const line = (a: string, b: string): string =>
    `| ${a.padEnd(first ?? 0)} | ${b.padEnd(second ?? 0)} |`;
  return [
    '## What is where',
    '',
    line('path', 'is'),
    `| ${'-'.repeat(first ?? 0)} | ${'-'.repeat(second ?? 0)} |`,
    ...rows.map(([path, is]) => line(path, is)),
  ];
}
