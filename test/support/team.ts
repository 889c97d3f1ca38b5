/** A team with a repository on GitHub and an org: what its people do, and what GitHub makes of it. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { startSimulator, type Simulator } from '../../src/simulator/http.js';
import { createOrg } from '../../src/simulator/org.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import type { LiveStrategy } from './cli.js';
import { isOfStrategies } from './example.js';
import { watchExchange } from './fidelity.js';
import { SECRET as WFM_SIGNING_SECRET } from './endpoint.js';
import { GitHubApi, type KnownPull } from './github-api.js';
import { strategosHere } from './here.js';
import { HurriedClock } from './hurried.js';
import { Actions, type RunResult, type WorkflowEvent } from './workflow-run.js';
import { GONE } from './gone.js';

const EXAMPLE = fileURLToPath(new URL('../../strategies', import.meta.url));

/** Every secret that a job may be given: none of them may be seen anywhere. */
export const SECRETS = {
  GENESYS_PLAN_CLIENT_ID: 'planner',
  GENESYS_PLAN_CLIENT_SECRET: 'plan-secret-5b1f',
  GENESYS_APPLY_CLIENT_ID: 'writer',
  GENESYS_APPLY_CLIENT_SECRET: 'apply-secret-9c2e',
  WFM_SIGNING_SECRET,
};

export const ORG: OrgFile = {
  ...DEMO_ORG,
  clients: (DEMO_ORG.clients ?? [])
    .map((one) => (one.id === 'planner' ? { ...one, secret: 'plan-secret-5b1f' } : one))
    .concat({ id: 'writer', secret: 'apply-secret-9c2e', permissions: ['*'] }),
};

const AUTHOR = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};

export class Team {
  readonly repo = mkdtempSync(path.join(tmpdir(), 'strategos-team-'));
  readonly actions: Actions;
  /** What happens while a job waits for its approval; false rejects it. */
  meanwhile: () => Promise<boolean> = () => Promise.resolve(true);
  /** Variables of the repository. */
  readonly vars: Record<string, string> = {};
  private nextPull = 12;

  private constructor(
    readonly api: GitHubApi,
    readonly simulators: ReadonlyMap<string, Simulator>,
    /** Of the orgs and of every command line. */
    readonly clock: HurriedClock,
  ) {
    const { GENESYS_PLAN_CLIENT_ID, GENESYS_PLAN_CLIENT_SECRET, ...apply } = SECRETS;
    const secrets = { GENESYS_PLAN_CLIENT_ID, GENESYS_PLAN_CLIENT_SECRET };
    const names = [...simulators.keys()];
    this.actions = new Actions({
      origin: this.repo,
      api,
      clock,
      secrets,
      vars: this.vars,
      environmentSecrets: Object.fromEntries(names.map((name) => [name, apply])),
      protectedBy: Object.fromEntries(names.map((name) => [name, () => this.meanwhile()])),
    });
  }

  /** A repository made by `init`, with the worked example; nothing is applied yet. */
  static async open(environments: readonly string[] = ['demo'], org: OrgFile = ORG): Promise<Team> {
    const clock = new HurriedClock();
    const simulators = new Map<string, Simulator>();
    for (const name of environments) {
      const one = createOrg(org, { activationMs: 20 });
      const { now } = clock;
      simulators.set(
        name,
        await startSimulator({ org: one, latencyMs: 0, now, tap: watchExchange }),
      );
    }
    const team = new Team(await GitHubApi.open(), simulators, clock);
    team.git('init', '--quiet', '--initial-branch', 'main');
    team.api.compare = (base, head) => {
      const lines = team.git('rev-list', '--parents', `${base}..${head}`).split('\n');
      return lines.map((line) => line.split(' '));
    };
    const cwd = team.repo;
    const env = { PATH: process.env['PATH'] ?? '', HOME: cwd };
    await strategosHere(['init', '.', '--owner', 'strategos-example'], { cwd, env });
    rmSync(path.join(team.repo, 'strategies'), { recursive: true });
    cpSync(EXAMPLE, path.join(team.repo, 'strategies'), {
      recursive: true,
      filter: isOfStrategies,
    });
    const example = team.read('strategies/environment.yaml');
    const texts = [...simulators].map(([name, { url }]) =>
      example
        .replace('name: demo', `name: ${name}`)
        .replace('backend: datatable', `host: ${url}\n  backend: strategies-api`),
    );
    team.write('strategies/environment.yaml', texts.join('---\n'));
    team.edit(
      'strategies/overlay-demo.yaml',
      'environment: demo',
      `environment: ${environments[0]}`,
    );
    team.commit('Start');
    return team;
  }

  async close(): Promise<void> {
    this.actions.close();
    await this.api.close();
    for (const simulator of this.simulators.values()) await simulator.close();
    rmSync(this.repo, GONE);
  }

  git(...args: readonly string[]): string {
    const options = { cwd: this.repo, env: { ...process.env, ...AUTHOR }, stdio: 'pipe' } as const;
    return execFileSync('git', args, { ...options, encoding: 'utf8' }).trim();
  }

  read(file: string): string {
    return readFileSync(path.join(this.repo, file), 'utf8');
  }

  write(file: string, text: string): void {
    writeFileSync(path.join(this.repo, file), text);
  }

  edit(file: string, from: string, to: string): void {
    const text = this.read(file);
    if (!text.includes(from)) throw new Error(`${file} has no "${from}"`);
    this.write(file, text.replace(from, to));
  }

  commit(message: string): string {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '--message', message);
    return this.git('rev-parse', 'HEAD');
  }

  /** A new branch with one commit, as an open pull request. */
  pull(change: () => void): KnownPull {
    const number = this.nextPull++;
    this.git('switch', '--quiet', '--create', `change-${number}`, 'main');
    change();
    const known = { number, head: this.commit(`Change ${number}`), mergeCommit: null };
    this.api.pulls.push(known);
    return known;
  }

  /** One more commit on its branch. */
  push({ number }: KnownPull, change: () => void): KnownPull {
    this.git('switch', '--quiet', `change-${number}`);
    change();
    const known = { number, head: this.commit(`More of ${number}`), mergeCommit: null };
    const at = this.api.pulls.findIndex((one) => one.number === number);
    this.api.pulls[at] = known;
    return known;
  }

  /** Merges into main and returns the commit of the merge. */
  merge(pull: KnownPull): string {
    this.git('switch', '--quiet', 'main');
    this.git('merge', '--quiet', '--no-ff', '--message', `Merge ${pull.number}`, pull.head);
    pull.mergeCommit = this.git('rev-parse', 'HEAD');
    return pull.mergeCommit;
  }

  /** GitHub runs what is `on: pull_request`, on the merge of the branch into main. */
  async reviewed(pull: KnownPull, from = 'acme/routing', author = 'ada'): Promise<RunResult> {
    this.git('switch', '--quiet', '--detach', 'main');
    this.git('merge', '--quiet', '--no-ff', '--message', 'Merge for the test', pull.head);
    const sha = this.git('rev-parse', 'HEAD');
    this.git('update-ref', `refs/pull/${pull.number}/merge`, sha);
    // What a clone of the test does not fetch is not there: GitHub's own refs are.
    this.git('branch', '--force', `merge-${pull.number}`, sha);
    this.git('switch', '--quiet', 'main');
    return this.actions.run('strategos-plan.yml', {
      name: 'pull_request',
      ref: `refs/pull/${pull.number}/merge`,
      sha,
      actor: author,
      payload: {
        action: 'synchronize',
        number: pull.number,
        repository: { full_name: 'acme/routing', default_branch: 'main', private: true },
        pull_request: {
          number: pull.number,
          state: 'open',
          title: '$(id) `id` ${{ github.token }}',
          user: { login: author },
          head: { ref: 'x"; id; "', sha: pull.head, repo: { full_name: from, fork: true } },
          base: { ref: 'main', repo: { full_name: 'acme/routing' } },
        },
      },
    });
  }

  /** GitHub runs what is `on: merge_group`, on a branch of its own. */
  async queued({ number, head }: KnownPull): Promise<RunResult> {
    const ref = `refs/heads/gh-readonly-queue/main/pr-${number}-${head}`;
    const repository = { full_name: 'acme/routing', default_branch: 'main', private: true };
    const group = { head_sha: head, head_ref: ref, base_ref: 'refs/heads/main' };
    const payload = { action: 'checks_requested', merge_group: group, repository };
    const event = { name: 'merge_group', ref, sha: head, actor: 'ada', payload } as const;
    return this.actions.run('strategos-plan.yml', event);
  }

  onMain(name: WorkflowEvent['name'], sha = this.git('rev-parse', 'main')): WorkflowEvent {
    const repository = { full_name: 'acme/routing', default_branch: 'main', private: true };
    // The event of a schedule says what it is for, and nothing else can be counted on.
    const payload =
      name === 'schedule'
        ? { schedule: '23 5 * * 1-5' }
        : { ref: 'refs/heads/main', after: sha, repository };
    return { name, ref: 'refs/heads/main', sha, actor: 'ada', payload };
  }

  /** GitHub runs what is `on: push` to main. */
  async pushed(event = this.onMain('push')): Promise<RunResult> {
    return this.actions.run('strategos-apply.yml', event);
  }

  async driftRun(): Promise<RunResult> {
    return this.actions.run('strategos-drift.yml', this.onMain('schedule'));
  }

  simulator(name = 'demo'): Simulator {
    const found = this.simulators.get(name);
    if (found === undefined) throw new Error(`no org ${name}`);
    return found;
  }

  /** One request of the admin UI, with Ada's own token. */
  async request(method: string, route: string, body?: object, org = 'demo'): Promise<unknown> {
    const { url } = this.simulator(org);
    const basic = Buffer.from('admin-ui:admin-ui').toString('base64');
    const form = 'application/x-www-form-urlencoded';
    const token = await fetch(`${url}/oauth/token`, {
      method: 'POST',
      body: 'grant_type=client_credentials',
      headers: { authorization: `Basic ${basic}`, 'content-type': form },
    });
    const { access_token: bearer } = (await token.json()) as { access_token: string };
    const answer = await fetch(`${url}${route}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return answer.json();
  }

  async strategies(org = 'demo'): Promise<Record<string, LiveStrategy>> {
    const route = '/api/v2/routing/strategies?pageSize=100';
    const { entities } = (await this.request('GET', route, undefined, org)) as {
      entities: LiveStrategy[];
    };
    return Object.fromEntries(entities.map((one) => [one.name, one]));
  }

  /** Somebody changes the weight of a strategy's first target in the org. */
  async editLive(name: string, weight: number, org = 'demo'): Promise<void> {
    const found = (await this.strategies(org))[name];
    if (found === undefined) throw new Error(`the org has no ${name}`);
    const [first, ...rest] = found.targets;
    const targets = [{ ...first, weight }, ...rest];
    await this.request('PUT', `/api/v2/routing/strategies/${found.id}`, { targets }, org);
  }

  /** The text of a file in an artifact. */
  artifactFile(name: string, file: string): string {
    const found = this.api.artifacts.find((one) => one.name === name);
    const bytes = found?.files.get(path.join(name, file));
    if (bytes === undefined) throw new Error(`no ${file} in the artifact ${name}`);
    return Buffer.from(bytes).toString();
  }

  hasFile(file: string): boolean {
    return existsSync(path.join(this.repo, file));
  }
}
