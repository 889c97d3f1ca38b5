/** On GitHub: a fleet of orgs, a pull request that is too long to show, and runs that fail. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { COMMENT_BYTES, SUMMARY_BYTES, utf8 } from '../../src/render/budget.js';
import { expectGolden } from '../support/golden.js';
import type { Ended } from '../support/here.js';
import { onRunner } from '../support/npx-here.js';
import { ORG, SECRETS, Team } from '../support/team.js';
import type { RunResult } from '../support/workflow-run.js';

// A test is a dozen processes or more, one after the other.

let team: Team;
afterEach(async () => {
  await team.close();
});

const conclusions = (run: RunResult): Record<string, string> =>
  Object.fromEntries(run.jobs.map(({ name, conclusion }) => [name, conclusion]));
/** One command of a step, in the folder of the repository. */
const step = (args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> => {
  const known = { PATH: process.env['PATH'] ?? '', GITHUB_ACTIONS: 'true' };
  return onRunner(args, { cwd: team.repo, env: { ...known, ...env } });
};
const stepOf = (run: RunResult, job: string, step: string) => {
  const found = run.job(job).steps.find(({ name }) => name === step);
  if (found === undefined) throw new Error(`${job} has no step ${step}`);
  return found;
};

describe('several environments', () => {
  it('are planned, shown in one comment, approved and applied each by itself', async () => {
    team = await Team.open(['eu', 'us']);
    // An environment that nobody has set up yet is left out, and said so.
    const text = team.read('strategies/environment.yaml');
    const bare = text.slice(0, text.indexOf('---')).replace('name: eu', 'name: za');
    team.write(
      'strategies/environment.yaml',
      `${text}---\n${bare.replace(/^ {2}host: .*\n/m, '')}`,
    );
    team.commit('A third one');
    expect(conclusions(await team.pushed())).toMatchObject({
      'environments 1 / environment (eu) / apply': 'success',
      'environments 1 / environment (us) / apply': 'success',
    });
    const pull = team.pull(() =>
      team.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 10'),
    );
    const review = await team.reviewed(pull);
    expect(conclusions(review)).toEqual({
      validate: 'success',
      'plans 1 / plan (eu)': 'success',
      'plans 1 / plan (us)': 'success',
      comment: 'success',
    });
    expect(stepOf(review, 'validate', 'Environments').stdout).toMatch(
      /::notice title=Not set up,file=strategies\/environment\.yaml,line=\d+,col=\d+::environment za is/,
    );
    const body = team.api.comments[0]?.body ?? '';
    expect(team.api.comments).toHaveLength(1);
    expect(body).toMatch(
      /\n\| eu \| 0 \| 0 \| 1 \| 0 \| 2 \| .*\n\| us \| 0 \| 0 \| 1 \| 0 \| 2 \|/,
    );
    expect(body).not.toContain('| za |');
    team.merge(pull);
    // One org moves while its plan waits: the other is applied all the same.
    let waited = 0;
    team.meanwhile = async () => {
      if (waited++ === 0) await team.editLive('billing', 0.5, 'eu');
      return true;
    };
    const run = await team.pushed();
    expect(conclusions(run)).toMatchObject({
      'environments 1 / environment (eu) / plan': 'success',
      'environments 1 / environment (eu) / apply': 'failure',
      'environments 1 / environment (us) / plan': 'success',
      'environments 1 / environment (us) / apply': 'success',
    });
    expect(stepOf(run, 'environments 1 / environment (eu) / apply', 'Apply').code).toBe(4);
    for (const org of ['eu', 'us']) {
      expect(run.job(`environments 1 / environment (${org}) / plan`).summary).toContain(
        '✅ This is the plan that',
      );
    }
    const capacityIn = async (org: string) => (await team.strategies(org))['billing']?.targets[0];
    expect(await capacityIn('eu')).toMatchObject({ capacity: 8, weight: 0.5 });
    expect(await capacityIn('us')).toMatchObject({ capacity: 10, weight: 1 });
  });
});

describe('four hundred changed strategies', () => {
  it('fit into the comment and the summary, each of them named or counted', async () => {
    team = await Team.open(['demo'], ORG);
    const pull = team.pull(() => {
      for (let file = 0; file < 4; file += 1) {
        const documents = Array.from({ length: 100 }, (_, index) =>
          [
            'apiVersion: strategos/v1',
            'kind: RoutingStrategy',
            `metadata: { name: "@everyone <b>${file * 100 + index}</b> | #${index}" }`,
            'spec:',
            '  selection: { skills: [{ skill: Billing }] }',
            '  targets: [{ queue: Billing, capacity: 8 }, { queue: Sales, capacity: 2 }]',
            '  fallback: { queue: Billing Overflow }',
            '  checks: { skills: off, capacity: off }',
          ].join('\n'),
        );
        team.write(`strategies/many-${file}.yaml`, `${documents.join('\n---\n')}\n`);
      }
    });
    const run = await team.reviewed(pull);
    expect(conclusions(run)).toMatchObject({
      'plans 1 / plan (demo)': 'success',
      comment: 'success',
    });
    const body = team.api.comments[0]?.body ?? '';
    expect(utf8(body)).toBeLessThanOrEqual(COMMENT_BYTES);
    expect(body).toContain('## Plan: 403 to create');
    const named = body.match(/^(### |- )\+ create RoutingStrategy\//gm)?.length ?? 0;
    expect(named).toBeGreaterThan(350);
    expect(named + Number(/^- and (\d+) more$/m.exec(body)?.[1] ?? 0)).toBe(403);
    expect(body).toContain(
      `[artifacts](https://github.example/acme/routing/actions/runs/${run.id}`,
    );
    // A name mentions nobody, refers to nothing and opens no element.
    expect(body).not.toMatch(/@everyone|<b>|\| #\d/);
    const { summary } = run.job('plans 1 / plan (demo)');
    expect(utf8(summary)).toBeLessThanOrEqual(SUMMARY_BYTES);
    expect(summary.match(/^### \+ create /gm)).toHaveLength(403);
  });
});

describe('annotations', () => {
  it('are at the lines of their manifests, and nothing in a manifest is a command', async () => {
    team = await Team.open();
    team.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 0');
    team.edit('strategies/support.yaml', 'fallback:', 'fallbak:');
    const odd = 'strategies/odd, name: 100%.yaml';
    const hostile = '"%0A::error::x,y:\\n::stop-commands::z ##[error] é"';
    team.write(
      odd,
      [
        'apiVersion: strategos/v1',
        'kind: RoutingStrategy',
        'metadata: { name: odd }',
        'spec:',
        `  targets: [{ queue: ${hostile}, capacity: 1 }, { queue: ${hostile}, capacity: 1 }]`,
        '',
      ].join('\n'),
    );
    const summary = path.join(team.repo, 'summary');
    writeFileSync(summary, '');
    const { code, stdout } = await step(['ci', 'validate'], {
      GITHUB_STEP_SUMMARY: summary,
      GITHUB_WORKSPACE: path.dirname(team.repo),
    });
    expect(code).toBe(3);
    const folder = `${path.basename(team.repo)}/`;
    const lines = stdout.split('\n').filter((line) => line.startsWith('::'));
    expectGolden('annotations.txt', `${lines.join('\n').replaceAll(folder, '')}\n`);
    expectGolden('annotations-summary.md', readFileSync(summary, 'utf8'));
    expect(stdout.match(/^::/gm)).toHaveLength(lines.length);
    expect(stdout).toContain(`file=${folder}strategies/billing.yaml,`);
  });
});

describe('a run that fails', () => {
  it('for its credentials leaves its reason in the summary, the comment and the artifact', async () => {
    team = await Team.open(['demo'], {
      ...ORG,
      clients: [{ id: 'planner', secret: 'another', permissions: [] }],
    });
    const pull = team.pull(() =>
      team.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 10'),
    );
    const run = await team.reviewed(pull);
    expect(conclusions(run)).toMatchObject({
      'plans 1 / plan (demo)': 'failure',
      comment: 'success',
    });
    const step = stepOf(run, 'plans 1 / plan (demo)', 'Plan');
    expect(step.code).toBe(6);
    expect(step.stdout).toMatch(/^::error title=[\w.-]+::.*answered 401/m);
    expect(run.job('plans 1 / plan (demo)').summary).toMatch(
      /## demo: no plan\n\n> ❌ .*answered 401/,
    );
    const body = team.api.comments[0]?.body ?? '';
    expect(body).toMatch(/## demo: no plan\n\n> ❌ .*answered 401/);
    const [artifact] = team.api.artifacts;
    expect(team.artifactFile(artifact?.name ?? '', 'audit.jsonl')).toContain('"run-ended"');
    expect(body + step.stdout + step.stderr).not.toContain(SECRETS.GENESYS_PLAN_CLIENT_SECRET);
  });

  it('that was killed before its first record was whole names no job, and did nothing yet', async () => {
    team = await Team.open();
    const id = '20260302T090000000Z-apply-00c0ffee';
    const dir = path.join(team.repo, '.strategos/runs', id);
    mkdirSync(dir, { recursive: true });
    writeFileSync(path.join(dir, 'audit.jsonl'), '{"seq":1,');
    const output = path.join(dir, '../../output');
    writeFileSync(output, '');
    const { stdout } = await step(['ci', 'artifact'], { GITHUB_OUTPUT: output });
    expect(stdout).toContain('no run of this job: there is nothing to upload\n');
  });

  it('and left a folder without records hides no other environment from the comment', async () => {
    team = await Team.open();
    const plans = path.join(team.repo, 'plans');
    mkdirSync(path.join(plans, '20260302T090000000Z-plan-00c0ffee'), { recursive: true });
    const event = path.join(plans, 'event.json');
    const head = { sha: 'c0ffee', repo: { full_name: 'acme/routing' } };
    const pull = { number: 12, head, user: { login: 'ada' } };
    const repository = { full_name: 'acme/routing' };
    writeFileSync(event, JSON.stringify({ pull_request: pull, repository }));
    team.api.pulls.push({ number: 12, head: 'c0ffee', mergeCommit: null });
    const args = ['ci', 'comment', '--plans', 'plans', '--environments', '["demo","eu"]'];
    await step(args, {
      GITHUB_EVENT_PATH: event,
      GITHUB_API_URL: team.api.url,
      GITHUB_REPOSITORY: 'acme/routing',
      GITHUB_TOKEN: team.api.token({ 'pull-requests': 'write' }),
    });
    const body = team.api.comments[0]?.body ?? '';
    for (const name of ['demo', 'eu']) expect(body).toContain(`\n## ${name}: no plan\n`);
    expect(body).toContain('its job has left no run that can be read');
  });
});
