/**
 * The user's session on GitHub: the workflows that `init` writes, carried out step by step against
 * a stand-in for GitHub and a simulated org, through the built command line.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyChain, type AuditRecord } from '../../src/core/audit.js';
import { sha256 } from '../../src/files/digest.js';
import { startEndpoint } from '../support/endpoint.js';
import type { KnownPull } from '../support/github-api.js';
import { SECRETS, Team } from '../support/team.js';
import type { JobResult, RunResult } from '../support/workflow-run.js';

// A test is a dozen processes or more, one after the other.

let team: Team;
const everything: string[] = [];

beforeAll(async () => {
  team = await Team.open();
});
afterAll(async () => {
  await team.close();
});

/** Keeps what was printed, for the last test. */
function heard(run: RunResult): RunResult {
  for (const { steps, summary } of run.jobs) {
    everything.push(summary, ...steps.flatMap(({ stdout, stderr }) => [stdout, stderr]));
  }
  return run;
}

const push = async () => heard(await team.pushed());
const conclusions = (run: RunResult): Record<string, string> =>
  Object.fromEntries(run.jobs.map(({ name, conclusion }) => [name, conclusion]));

function stepOf(job: JobResult, name: string): JobResult['steps'][number] {
  const found = job.steps.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${job.name} has no step ${name}`);
  return found;
}

function recordsOf(artifact: string): readonly AuditRecord[] {
  const chain = verifyChain(team.artifactFile(artifact, 'audit.jsonl'), sha256);
  expect(chain.problems).toEqual([]);
  return chain.records;
}

const PLAN = 'environments 1 / environment (demo) / plan';
const APPLY = 'environments 1 / environment (demo) / apply';
const ATTEST = 'environments 1 / environment (demo) / attest';

describe('the first push to main', () => {
  it('plans, waits for an approval, applies, and keeps the records', async () => {
    team.api.approveBy('grace', 'demo');
    const run = await push();
    expect(conclusions(run)).toEqual({
      environments: 'success',
      [PLAN]: 'success',
      [APPLY]: 'success',
      [ATTEST]: 'success',
    });
    expect(Object.keys(await team.strategies()).sort()).toEqual([
      ...['billing', 'optimized-support', 'sales'],
    ]);
    expect(run.job(PLAN).summary).toContain('No merged pull request is behind this commit');
    expect(run.job(APPLY).summary).toContain('## apply: applied');
    const [planned, applied] = [PLAN, APPLY].map((name) => run.job(name).outputs['run'] ?? '');
    expect(planned).toMatch(/^\d{8}T\d{9}Z-plan-[0-9a-f]{8}$/);
    expect(applied).toMatch(/^\d{8}T\d{9}Z-apply-[0-9a-f]{8}$/);
    expect(team.api.artifacts.map(({ name }) => name)).toEqual([planned, applied]);
    expect(team.actions.attested.sort()).toEqual([
      ...[`runs/${planned}/audit.jsonl`, `runs/${applied}/audit.jsonl`],
    ]);
  });

  it('has nothing to approve when nothing is left to do', async () => {
    team.meanwhile = () => Promise.reject(new Error('nobody is to be asked'));
    const run = await push();
    expect(conclusions(run)).toMatchObject({ [PLAN]: 'success', [APPLY]: 'skipped' });
    team.meanwhile = () => Promise.resolve(true);
  });
});

describe('a pull request', () => {
  let pull: KnownPull;

  it('gets a plan as a comment, the deletes first, and the same as a summary', async () => {
    await team.editLive('billing', 0.5);
    pull = team.pull(() => {
      team.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 10');
      const text = team.read('strategies/billing.yaml');
      team.write('strategies/billing.yaml', text.slice(0, text.indexOf('---')));
      team.write('strategies/overlay-demo.yaml', '');
      team.edit('strategies/environment.yaml', 'maxDeletes: 10%', 'maxDeletes: 1');
    });
    const run = heard(await team.reviewed(pull));
    expect(conclusions(run)).toEqual({
      validate: 'success',
      'plans 1 / plan (demo)': 'success',
      comment: 'success',
    });
    const [comment] = team.api.comments;
    const body = comment?.body ?? '';
    expect(team.api.comments).toHaveLength(1);
    expect(body).toMatch(
      /^<!-- strategos:plan \{.*\} -->\n## Plan: 0 to create, 1 to change, 1 to/,
    );
    expect(body.indexOf('### - delete RoutingStrategy/sales')).toBeGreaterThan(0);
    expect(body.indexOf('### - delete')).toBeLessThan(body.indexOf('### ~ update'));
    expect(body.slice(0, body.indexOf('### ~ update'))).not.toContain('<details');
    expect(body).toMatch(
      /\*\*this pull request\*\*[^]*capacity \| 8 \| 10 [^]*\*\*drift that would be/,
    );
    expect(body).toContain('weight | 0.5 | 1 |');
    expect(body).toContain('```mermaid\nflowchart LR');
    expect(body).toContain('changed: Billing');
    expect(body).toMatch(
      /`sha256:[0-9a-f]{64}` · \d+ requests used; an apply will need about \d+ · /,
    );
    const name = run.job('plans 1 / plan (demo)').steps.at(-2)?.stdout.split(':')[0] ?? '';
    expect(body).toContain(`artifact <code>${name}</code>`);
    expect(run.job('plans 1 / plan (demo)').summary).toContain(
      body.split('\n').slice(1).join('\n').trim(),
    );
    expect(recordsOf(name)[0]?.detail).toMatchObject({
      command: 'plan',
      workflow: {
        url: `https://github.example/acme/routing/actions/runs/${run.id}`,
        pullRequest: `https://github.example/acme/routing/pull/${pull.number}`,
        event: 'pull_request',
        actor: 'ada',
      },
    });
  });

  it('keeps its one comment, which tells of the newest commit', async () => {
    const [first] = team.api.comments;
    team.api.commentBy('mallory', pull.number, first?.body ?? '');
    pull = team.push(pull, () =>
      team.edit('strategies/billing.yaml', 'capacity: 10', 'capacity: 11'),
    );
    heard(await team.reviewed(pull));
    expect(team.api.comments).toHaveLength(2);
    expect(team.api.comments[0]?.id).toBe(first?.id);
    expect(team.api.comments[0]?.body).toContain('capacity | 8 | 11 |');
    // Somebody else's is left alone, whatever it says.
    expect(team.api.comments[1]).toMatchObject({ body: first?.body, user: { login: 'mallory' } });
  });

  it('keeps the comment of a later run when an older run is run again', async () => {
    const [first] = team.api.comments;
    const newer = (first?.body ?? '').replace(/"workflowRun":"\d+"/, '"workflowRun":"999999999"');
    team.api.comments[0] = { ...first, body: newer } as NonNullable<typeof first>;
    const run = heard(await team.reviewed(pull));
    expect(stepOf(run.job('comment'), 'Comment').stdout).toContain('later workflow run 999999999');
    expect(team.api.comments[0].body).toBe(newer);
    team.api.comments[0] = first as NonNullable<typeof first>;
  });

  it('in a merge queue is validated under the same name, and nothing else', async () => {
    const run = heard(await team.queued(pull));
    expect(conclusions(run)).toEqual({
      validate: 'success',
      plan: 'skipped',
      comment: 'skipped',
    });
  });

  it('of a fork is validated, told why there is no plan, and given nothing', async () => {
    const fork = team.pull(() =>
      team.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9'),
    );
    const [asked, seen] = [team.api.requests.length, team.simulator().requests()];
    const run = heard(await team.reviewed(fork, 'mallory/routing', 'mallory'));
    expect(conclusions(run)).toEqual({
      validate: 'success',
      plan: 'skipped',
      comment: 'skipped',
    });
    expect(run.job('validate').summary).toContain('**No live plan.** This pull request comes from');
    expect(stepOf(run.job('validate'), 'Validate').stdout).toContain(
      '::notice title=No live plan::',
    );
    expect(team.api.requests).toHaveLength(asked);
    expect(team.simulator().requests()).toBe(seen);
  });

  it('that is wrong is annotated at its lines, and its comment says so', async () => {
    const wrong = team.pull(() =>
      team.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 0'),
    );
    const run = heard(await team.reviewed(wrong));
    expect(conclusions(run)).toEqual({
      validate: 'failure',
      plan: 'skipped',
      comment: 'success',
    });
    const step = stepOf(run.job('validate'), 'Validate');
    expect(step.code).toBe(3);
    expect(step.stdout).toMatch(
      /^::error title=[\w-]+,file=strategies\/billing\.yaml,line=13,col=\d+::.*capacity/m,
    );
    const comment = team.api.comments.find(({ issue_url: url }) =>
      url.endsWith(`/${wrong.number}`),
    );
    expect(comment?.body).toContain('## The manifests are not valid: 1 error');
    expect(comment?.body).toContain('strategies/billing.yaml:13');
  });

  it('merged is applied as it was reviewed, and the record says who and why', async () => {
    const commit = team.merge(pull);
    const run = await push();
    expect(conclusions(run)).toMatchObject({ [PLAN]: 'success', [APPLY]: 'success' });
    expect(run.job(PLAN).summary).toContain(
      `✅ This is the plan that was reviewed in pull request #${pull.number}: it has the same digest`,
    );
    const live = await team.strategies();
    expect(Object.keys(live).sort()).toEqual(['billing', 'optimized-support']);
    expect(live['billing']?.targets[0]).toMatchObject({ capacity: 11, weight: 1 });
    const [first] = recordsOf(run.job(APPLY).outputs['run'] ?? '');
    expect(first?.actor).toBe('ada');
    expect(first?.detail).toMatchObject({
      command: 'apply',
      commit,
      workflow: {
        url: `https://github.example/acme/routing/actions/runs/${run.id}`,
        pullRequest: `https://github.example/acme/routing/pull/${pull.number}`,
        commit,
        approvedBy: ['grace'],
      },
    });
  });
});

describe('an apply stops', () => {
  it('when somebody edits the org between plan and approval, and shows what moved', async () => {
    const pull = team.pull(() =>
      team.edit('strategies/billing.yaml', 'capacity: 11', 'capacity: 12'),
    );
    heard(await team.reviewed(pull));
    team.merge(pull);
    team.meanwhile = async () => {
      await team.editLive('billing', 0.25);
      return true;
    };
    const run = await push();
    team.meanwhile = () => Promise.resolve(true);
    expect(conclusions(run)).toMatchObject({ [PLAN]: 'success', [APPLY]: 'failure' });
    const job = run.job(APPLY);
    expect(stepOf(job, 'Apply').code).toBe(4);
    expect(job.summary).toContain('Stopped before anything was written');
    // Once is enough, and there was a plan.
    expect(job.summary).not.toMatch(/not applied|no plan/);
    expect(job.summary).toMatch(
      /\| targets\\\["Billing"\\\]\.weight \| not touched \| 0\.25 → 1 \|/,
    );
    expect((await team.strategies())['billing']?.targets[0]).toMatchObject({
      capacity: 11,
      weight: 0.25,
    });
    // Its records are kept all the same.
    const records = recordsOf(job.outputs['run'] ?? '');
    expect(records.map(({ type }) => type)).toContain('refused');
    expect(records.at(-1)?.type).toBe('run-ended');
  });

  it('and is planned again, beside what had been reviewed', async () => {
    const run = heard(await team.pushed(team.onMain('workflow_dispatch')));
    const { summary } = run.job(PLAN);
    expect(summary).toContain('**This is not the plan that was reviewed in pull request #');
    expect(summary).toMatch(
      /\| Field \| reviewed \| now \|\n\| --- .*\n\| targets.*weight \| not touched \|/,
    );
    expect(conclusions(run)).toMatchObject({ [APPLY]: 'success' });
    expect((await team.strategies())['billing']?.targets[0]).toMatchObject({
      capacity: 12,
      weight: 1,
    });
  });

  it('when nobody approves: nothing was sent', async () => {
    team.git('switch', '--quiet', 'main');
    team.edit('strategies/billing.yaml', 'capacity: 12', 'capacity: 13');
    team.commit('Straight to main');
    team.meanwhile = () => Promise.resolve(false);
    expect(conclusions(await push())).toMatchObject({ [APPLY]: 'rejected' });
    team.meanwhile = () => Promise.resolve(true);
    // It stays to be applied, and the next pull request is not taken to ask for it.
    const pull = team.pull(() =>
      team.edit('strategies/billing.yaml', 'weight: 1.0', 'weight: 0.9'),
    );
    heard(await team.reviewed(pull));
    const of = `/${pull.number}`;
    const body = team.api.comments.find(({ issue_url: url }) => url.endsWith(of))?.body;
    expect(body).toMatch(/\*\*this pull request\*\*\n\n.*\n.*\n\| targets.*weight \| 1 \| 0\.9 \|/);
    expect(body).toMatch(
      /\*\*asked for before this pull request\*\*\n\n.*\n.*\n\| targets.*capacity \| 12 \| 13 \|/,
    );
    expect((await team.strategies())['billing']?.targets[0]?.capacity).toBe(12);
  });
});

describe('what GitHub drops or repeats', () => {
  it('is made up for: an event of an old commit applies the newest main', async () => {
    const old = team.onMain('push');
    team.edit('strategies/billing.yaml', 'capacity: 13', 'capacity: 14');
    const newest = team.commit('The next one, whose run is dropped');
    const run = heard(await team.pushed(old));
    const [first] = recordsOf(run.job(APPLY).outputs['run'] ?? '');
    const pushed = expect.arrayContaining([newest]);
    expect(first?.detail).toMatchObject({ workflow: { since: { pushed } } });
    expect((await team.strategies())['billing']?.targets[0]?.capacity).toBe(14);
    // The same event once more undoes nothing.
    const again = heard(await team.pushed(old));
    expect(conclusions(again)).toMatchObject({ [APPLY]: 'skipped' });
  });

  it('is stopped when main moves while a plan waits for its approval', async () => {
    team.edit('strategies/billing.yaml', 'capacity: 14', 'capacity: 15');
    team.commit('Planned');
    team.meanwhile = () => {
      team.edit('strategies/billing.yaml', 'capacity: 15', 'capacity: 16');
      team.commit('Merged while the other waits');
      return Promise.resolve(true);
    };
    const run = await push();
    team.meanwhile = () => Promise.resolve(true);
    expect(stepOf(run.job(APPLY), 'Apply').code).toBe(4);
    expect(run.job(APPLY).summary).toMatch(/capacity \| 14 → 15 \| 14 → 16 \|/);
    expect((await team.strategies())['billing']?.targets[0]?.capacity).toBe(14);
    await push();
    expect((await team.strategies())['billing']?.targets[0]?.capacity).toBe(16);
  });

  it('does not matter to the plan when GitHub cannot be asked', async () => {
    team.edit('strategies/billing.yaml', 'capacity: 16', 'capacity: 17');
    team.commit('While GitHub has a bad day');
    team.api.troubles.push({ status: 400 });
    const run = await push();
    expect(stepOf(run.job(PLAN), 'Plan').stderr).toContain(
      'warning: GitHub: cannot look up the pull request: GitHub answered 400: Trouble',
    );
    expect(run.job(PLAN).summary).toContain('Whether this plan was reviewed is not known');
    expect(run.job(PLAN).summary).not.toContain('nobody has reviewed');
    expect(conclusions(run)).toMatchObject({ [APPLY]: 'success' });
  });
});

describe('workforce management', () => {
  it('is told of what an apply has changed, signed with the secret of its environment', async () => {
    const endpoint = await startEndpoint();
    team.vars['WFM_SYNC_URL'] = endpoint.url;
    team.edit('strategies/billing.yaml', 'capacity: 17', 'capacity: 18');
    team.commit('Somebody has to know');
    const run = await push();
    delete team.vars['WFM_SYNC_URL'];
    await endpoint.close();
    expect(conclusions(run)).toMatchObject({ [APPLY]: 'success' });
    expect(endpoint.arrived.map(({ body, objection }) => [body.name, objection])).toEqual([
      ['billing', null],
    ]);
  });
});

describe('drift', () => {
  it('is an issue that says who did what and both ways back', async () => {
    expect(conclusions(heard(await team.driftRun()))['drift 1 / drift (demo)']).toBe('success');
    expect(team.api.issues).toEqual([]);
    await team.editLive('billing', 0.3);
    team.api.troubles.push({ status: 400 });
    const refused = heard(await team.driftRun()).job('drift 1 / drift (demo)');
    expect(refused.conclusion).toBe('failure');
    expect(refused.summary).toMatch(/## demo: the look for drift failed\n\n> ❌ .*answered 400/);
    const run = heard(await team.driftRun());
    const [issue] = team.api.issues;
    expect(stepOf(run.job('drift 1 / drift (demo)'), 'Drift').stdout).toContain(': opened\n');
    expect(issue?.title).toBe('Drift in demo: 1 strategy changed in the org');
    expect(issue?.body).toMatch(
      /^<!-- strategos:drift \{"environment":"demo","folder":"strategies","workflowRun":"\d+",/,
    );
    expect(issue?.body).toMatch(/by Ada, 20\S+Z, from 127\.0\.0\.1/);
    expect(issue?.body).toContain(
      'strategos export --env demo --out exported --target RoutingStrategy/billing\n',
    );
    expect(issue?.body).toContain('gh workflow run strategos-apply.yml\n');
  });

  it('is not told again by an older run that is run again', async () => {
    const [issue] = team.api.issues;
    const newer = (issue?.body ?? '').replace(/"workflowRun":"\d+"/, '"workflowRun":"999999999"');
    team.api.issues[0] = { ...issue, body: newer } as NonNullable<typeof issue>;
    const run = heard(await team.driftRun());
    expect(stepOf(run.job('drift 1 / drift (demo)'), 'Drift').stdout).toContain(
      ': left as it is: the later',
    );
    expect(team.api.issues.map(({ body }) => body)).toEqual([newer]);
    team.api.issues[0] = issue as NonNullable<typeof issue>;
  });

  it('is told in the same issue while it lasts, which is closed when it is over', async () => {
    await team.editLive('billing', 0.4);
    const [first] = team.api.issues;
    // A request whose answer was lost was sent twice.
    team.api.issues.push({ ...first, number: 4242 } as NonNullable<typeof first>);
    heard(await team.driftRun());
    expect(team.api.issues.map(({ state }) => state)).toEqual(['open', 'closed']);
    expect(team.api.comments.at(-1)?.body).toBe(
      `The same is told in #${first?.number}, which is kept up to date.`,
    );
    team.api.issues.pop();
    expect(team.api.issues).toHaveLength(1);
    expect(team.api.issues[0]?.body).toContain('| 1 | 0.4 |');
    heard(await team.pushed(team.onMain('workflow_dispatch')));
    heard(await team.driftRun());
    expect(team.api.issues).toHaveLength(1);
    expect(team.api.issues[0]).toMatchObject({ state: 'closed', state_reason: 'completed' });
    await team.editLive('billing', 0.3);
    heard(await team.driftRun());
    expect(team.api.issues.map(({ state }) => state)).toEqual(['closed', 'open']);
  });
});

describe('all of it', () => {
  it('shows no secret, no token and no text of an event anywhere', () => {
    const files = team.api.artifacts.flatMap(({ files: all }) =>
      [...all.values()].map((bytes) => Buffer.from(bytes).toString()),
    );
    const bodies = [...team.api.comments, ...team.api.issues].map(({ body }) => body ?? '');
    const text = [...everything, ...files, ...bodies].join('\n');
    expect(text.length).toBeGreaterThan(10_000);
    expect(text).not.toContain(SECRETS.GENESYS_PLAN_CLIENT_SECRET);
    expect(text).not.toContain(SECRETS.GENESYS_APPLY_CLIENT_SECRET);
    expect(text).not.toMatch(/ghs_|uid=\d/);
  });

  it('ends every run with a record, and asks GitHub for nothing that its jobs may not', () => {
    for (const { name } of team.api.artifacts) {
      expect(recordsOf(name).at(-1)?.type).toBe('run-ended');
    }
    expect(everything.join('\n')).not.toMatch(/GitHub answered (401|403|404)/);
  });
});
