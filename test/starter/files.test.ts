/** What `strategos init` writes, looked at as text. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hasErrors } from '../../src/core/issue.js';
import { loadManifests, validateAll } from '../../src/manifest/load.js';
import { starterFiles, type Starter } from '../../src/starter/files.js';
import { expectGolden } from '../support/golden.js';

const STARTER: Starter = {
  owner: 'github.com/acme/routing',
  environment: 'prod',
  host: 'mypurecloud.ie',
  packageSpec: '0.1.0',
  workflowPrefix: 'strategos-',
  isDefaultPackage: true,
  schemas: [
    { file: 'environment.schema.json', text: '{}\n' },
    { file: 'overlay.schema.json', text: '{}\n' },
    { file: 'routing-strategy.schema.json', text: '{}\n' },
  ],
};

function textOf(file: string, starter: Starter = STARTER): string {
  const found = starterFiles(starter).find((one) => one.file === file);
  if (found === undefined) throw new Error(`no file ${file}`);
  return found.text;
}

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly if?: string;
  readonly environment?: string;
  readonly permissions?: object;
  readonly steps: readonly Step[];
  readonly env?: object;
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const WORKFLOWS = ['plan', 'apply', 'drift'].map((name) => {
  const file = `.github/workflows/strategos-${name}.yml`;
  return { name, text: textOf(file), workflow: parse(textOf(file)) as Workflow };
});

const stepsOf = (workflow: Workflow): Step[] =>
  Object.values(workflow.jobs).flatMap(({ steps }) => steps);

describe('the starter', () => {
  it('has these files', () => {
    const list = starterFiles(STARTER).map(({ file }) => `${file}\n`);
    expectGolden('starter-files.txt', list.join(''));
  });

  it.each(['README.md', 'strategies/environment.yaml', '.github/workflows/strategos-apply.yml'])(
    '%s reads like this',
    (file) => {
      expectGolden(`starter-${file.split('/').at(-1) ?? ''}`, textOf(file));
    },
  );

  it('ends every file with one newline, and has none with blanks at the end of a line', () => {
    for (const { file, text } of starterFiles(STARTER)) {
      expect(text, file).toMatch(/[^\n]\n$/);
      expect(text, file).not.toMatch(/[ \t]\n/);
    }
  });

  it.each([
    ['github.com/acme/routing', 'prod', 'mypurecloud.ie'],
    ['Team: "blue" # one', '1.0', null],
    ["it's ours", 'true', 'http://127.0.0.1:8080'],
  ])('has manifests that are valid: owner %s, environment %s', (owner, environment, host) => {
    const files = starterFiles({ ...STARTER, owner, environment, host });
    const sources = files
      .filter(({ file }) => /^strategies\/.*\.yaml$/.test(file))
      .map(({ file, text }) => ({ path: file, bytes: new TextEncoder().encode(text) }));
    const loaded = loadManifests(sources);
    const issues = validateAll(loaded);
    expect(issues.filter((issue) => hasErrors([issue]))).toEqual([]);
    const body = loaded.documents.find(({ kind }) => kind === 'Environment')?.body;
    expect(body).toMatchObject({ metadata: { name: environment }, spec: { owner } });
    const spec = body?.['spec'] as { host?: string };
    expect(spec.host ?? null).toBe(host);
  });

  it('points every manifest at a schema that comes along', () => {
    const files = starterFiles(STARTER);
    for (const { file, text } of files.filter(({ file: name }) => name.startsWith('strategies/'))) {
      const schema = /^# yaml-language-server: \$schema=\.\.\/(schemas\/.+)\n/.exec(text)?.[1];
      expect(
        files.map((one) => one.file),
        file,
      ).toContain(schema);
    }
  });

  it('asks for the package that was named, whatever is in its name', () => {
    const packageSpec = 'file:../strategos "0.1.0".tgz';
    const text = textOf('package.json', { ...STARTER, packageSpec });
    expect(JSON.parse(text)).toMatchObject({
      private: true,
      devDependencies: { strategos: packageSpec },
    });
  });

  it('says where strategos comes from only while it is not said', () => {
    expect(textOf('README.md')).toContain('not on the npm registry');
    const named = { ...STARTER, isDefaultPackage: false };
    expect(textOf('README.md', named)).not.toContain('not on the npm registry');
  });

  it('has a CODEOWNERS that owns nothing yet', () => {
    expect(textOf('.github/CODEOWNERS')).toMatch(/^(#.*\n)+$/);
  });
});

describe.each(WORKFLOWS)('the workflow $name', ({ text, workflow }) => {
  it('pins every action to a commit, with its version beside it', () => {
    const uses = text.match(/^ +(- )?uses: .*$/gm) ?? [];
    expect(uses.length).toBeGreaterThan(2);
    for (const line of uses) {
      expect(line).toMatch(/uses: actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  it('may read the repository and nothing else', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(workflow.jobs)) expect(job.permissions).toBeUndefined();
  });

  it('keeps no credentials in the checkout', () => {
    const checkouts = stepsOf(workflow).filter(({ uses }) => uses?.includes('checkout') ?? false);
    for (const step of checkouts) expect(step.with).toEqual({ 'persist-credentials': false });
  });

  it('has no expression in a script, so nobody can write into one', () => {
    for (const { run } of stepsOf(workflow)) expect(run ?? '').not.toContain('${{');
    expect(text).not.toMatch(/head_ref|github\.event\.(?!pull_request\.head\.repo\.full_name)/);
  });

  it('hands secrets to single steps, and to none of a fork', () => {
    expect(Object.keys(workflow.on)).not.toContain('pull_request_target');
    const isPullRequest = 'pull_request' in workflow.on;
    for (const [name, job] of Object.entries(workflow.jobs)) {
      expect(JSON.stringify(job.env ?? {}), name).not.toContain('secrets.');
      if (!JSON.stringify(job).includes('secrets.') || !isPullRequest) continue;
      expect(job.if).toBe('github.event.pull_request.head.repo.full_name == github.repository');
    }
  });

  it('keeps the records of every run that talks to an org', () => {
    const talking = Object.values(workflow.jobs).filter((job) =>
      JSON.stringify(job).includes('secrets.'),
    );
    expect(talking.length).toBeGreaterThan(0);
    for (const { steps } of talking) {
      const last = steps.at(-1);
      expect(last?.uses).toContain('actions/upload-artifact@');
      expect(last?.if).toBe('always()');
      // The folder's name begins with a dot: without this the artifact would be empty.
      expect(last?.with).toMatchObject({
        path: '.strategos/runs',
        'include-hidden-files': true,
      });
    }
  });

  it('runs the strategos of package.json, never one that npx would have to get', () => {
    const lines = stepsOf(workflow).flatMap(({ run }) => run?.split('\n') ?? []);
    const calls = lines.filter((line) => /\bstrategos\b/.test(line));
    expect(calls.length).toBeGreaterThan(0);
    for (const line of calls) expect(line).toMatch(/^npx --no strategos [a-z]+/);
  });
});

describe('the workflow apply', () => {
  const { workflow } = WORKFLOWS[1]!;

  it('is one at a time in an environment, and is not cut off', () => {
    expect(workflow.on).toEqual({ push: { branches: ['main'] } });
    expect(workflow.concurrency).toEqual({
      group: 'strategos-apply-prod',
      'cancel-in-progress': false,
    });
  });

  it('writes in the protected environment alone, and only what was planned', () => {
    const { plan, apply } = workflow.jobs;
    expect(plan?.environment).toBeUndefined();
    expect(apply?.environment).toBe('prod');
    expect(JSON.stringify(plan)).not.toContain('secrets.GENESYS_APPLY');
    expect(JSON.stringify(apply)).not.toContain('secrets.GENESYS_PLAN');
    const step = apply?.steps.find(({ run }) => run?.includes('strategos apply') ?? false);
    expect(step?.run).toContain('--yes --expect-digest "$DIGEST"');
    expect(step?.env?.['DIGEST']).toBe('${{ needs.plan.outputs.digest }}');
  });

  it('says the region from a variable only while the manifest does not', () => {
    const file = '.github/workflows/strategos-apply.yml';
    expect(textOf(file)).not.toContain('GENESYS_DOMAIN');
    expect(textOf(file, { ...STARTER, host: null })).toContain(
      'GENESYS_DOMAIN: ${{ vars.GENESYS_DOMAIN }}',
    );
  });

  it('quotes an environment that YAML would take for something else', () => {
    const text = textOf('.github/workflows/strategos-apply.yml', {
      ...STARTER,
      environment: '1.0',
    });
    expect((parse(text) as Workflow).jobs['apply']?.environment).toBe('1.0');
  });
});
