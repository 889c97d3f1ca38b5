/**
 * A stand-in for the REST API of GitHub, over HTTP. What it answers has the types that GitHub
 * publishes for its endpoints (by way of @octokit/rest), and a token may do what the permissions of
 * its job allow and nothing else.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RestEndpointMethodTypes } from '@octokit/rest';
import { zipSync } from 'fflate';

type Comment = RestEndpointMethodTypes['issues']['createComment']['response']['data'];
type Issue = RestEndpointMethodTypes['issues']['create']['response']['data'];
type Approval = RestEndpointMethodTypes['actions']['getReviewsForRun']['response']['data'][number];
type Artifacts = RestEndpointMethodTypes['actions']['listWorkflowRunArtifacts']['response']['data'];
type Artifact = Artifacts['artifacts'][number];
type Pull =
  RestEndpointMethodTypes['repos']['listPullRequestsAssociatedWithCommit']['response']['data'][number];
type User = NonNullable<Comment['user']>;

/** `{ 'pull-requests': 'write' }`, as a job has them. */
export type Permissions = Readonly<Record<string, string>>;

/** The part of a pull request that matters here. */
export interface KnownPull {
  readonly number: number;
  readonly head: string;
  mergeCommit: string | null;
}

interface StoredArtifact {
  readonly id: number;
  readonly runId: string;
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

const REPOSITORY = 'acme/routing';
const AT = '2026-03-02T09:00:00Z';

/** What a request is answered with. */
interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export class GitHubApi {
  readonly comments: Comment[] = [];
  readonly issues: Issue[] = [];
  readonly pulls: KnownPull[] = [];
  readonly artifacts: StoredArtifact[] = [];
  readonly approvals: Approval[] = [];
  /** Every request, as `GET /repos/…`. */
  readonly requests: string[] = [];
  /** What is answered in place of the next requests. */
  readonly troubles: Answer[] = [];
  /** Names of artifacts whose archive is none. */
  readonly garbled = new Set<string>();
  private readonly tokens = new Map<string, Permissions>();
  /** Status by run and attempt: `7/2` → `completed`. */
  readonly attempts = new Map<string, string>();
  /** Commits behind the first that are in the second, each with its parents; `null`: no such. */
  compare: (base: string, head: string) => readonly (readonly string[])[] | null = () => null;
  /** The attempt that an answer is about, whichever was asked for. */
  attemptTold: number | null = null;
  private next = 1;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<GitHubApi> {
    const server = createServer();
    const api = new GitHubApi(server);
    server.on('request', (request, response) => void api.serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  get url(): string {
    // As on an Enterprise host: the API is below a path.
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/api/v3`;
  }

  /** The token of a job with these permissions. */
  token(permissions: Permissions): string {
    const token = `ghs_${String(this.next++).padStart(36, 'x')}`;
    this.tokens.set(token, permissions);
    return token;
  }

  keep(runId: string, name: string, files: ReadonlyMap<string, Uint8Array>): void {
    this.artifacts.push({ id: this.next++, runId, name, files });
  }

  /** A comment by somebody else. */
  commentBy(login: string, number: number, body: string): void {
    this.comments.push(comment(this.next++, number, body, user(login, 'User')));
  }

  approveBy(login: string, environment: string): void {
    const approver: User = user(login, 'User');
    this.approvals.push({
      state: 'approved',
      user: approver,
      comment: '',
      environments: [{ id: 1, node_id: 'E', name: environment, url: '', html_url: '' }],
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { method = 'GET', url = '' } = request;
    this.requests.push(`${method} ${url}`);
    const { pathname: whole, searchParams } = new URL(url, this.url);
    const pathname = whole.replace(/^\/api\/v3(?=\/)/, '');
    const trouble = this.troubles.shift();
    const token = /^(?:token|bearer) (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const answer =
      trouble ??
      this.answer(method, pathname, searchParams, body === '' ? {} : JSON.parse(body), token);
    const isBytes = answer.body instanceof Uint8Array;
    response.writeHead(answer.status, {
      'content-type': isBytes ? 'application/zip' : 'application/json; charset=utf-8',
      'x-github-request-id': `C0DE:${this.requests.length}`,
      ...answer.headers,
    });
    response.end(isBytes ? answer.body : JSON.stringify(answer.body ?? { message: 'Trouble' }));
  }

  private answer(
    method: string,
    path: string,
    query: URLSearchParams,
    body: Record<string, string>,
    token: string | undefined,
  ): Answer {
    // Storage is another host, where the token is of no use and the address says enough.
    const blob = /^\/blobs\/(\d+)$/.exec(path);
    if (blob !== null) return { status: 200, body: this.zip(Number(blob[1])) };
    const permissions = this.tokens.get(token ?? '');
    if (permissions === undefined) return { status: 401, body: { message: 'Bad credentials' } };
    for (const { method: verb, path: pattern, needs, answer } of this.routes) {
      const match = pattern.exec(path);
      if (verb !== method || match === null) continue;
      if (!needs.some((need) => allows(permissions, need))) {
        return { status: 403, body: { message: 'Resource not accessible by integration' } };
      }
      return answer(match.slice(1), body, query);
    }
    return { status: 404, body: { message: 'Not Found' } };
  }

  private readonly routes: readonly {
    readonly method: string;
    readonly path: RegExp;
    /** One of these is enough. */
    readonly needs: readonly string[];
    readonly answer: (
      parameters: string[],
      body: Record<string, string>,
      query: URLSearchParams,
    ) => Answer;
  }[] = [
    {
      ...route('GET', '/issues/(\\d+)/comments', ['pull-requests: read', 'issues: read']),
      answer: ([number = ''], _body, query) =>
        this.page(
          this.comments.filter(({ issue_url: url }) => url.endsWith(`/issues/${number}`)),
          query,
          `/issues/${number}/comments`,
        ),
    },
    {
      ...route('POST', '/issues/(\\d+)/comments', ['pull-requests: write', 'issues: write']),
      answer: ([number = ''], { body = '' }) => {
        if (body.length > 65_536) return invalid('Body is too long (maximum is 65536 characters)');
        const made = comment(this.next++, Number(number), body, BOT);
        this.comments.push(made);
        return { status: 201, body: made };
      },
    },
    {
      ...route('PATCH', '/issues/comments/(\\d+)', ['pull-requests: write', 'issues: write']),
      answer: ([id], { body = '' }) => {
        if (body.length > 65_536) return invalid('Body is too long (maximum is 65536 characters)');
        const at = this.comments.findIndex((one) => one.id === Number(id));
        const old = this.comments[at];
        if (old === undefined) return { status: 404, body: { message: 'Not Found' } };
        const updated = { ...old, body };
        this.comments[at] = updated;
        return { status: 200, body: updated };
      },
    },
    {
      ...route('DELETE', '/issues/comments/(\\d+)', ['pull-requests: write', 'issues: write']),
      answer: ([id]) => {
        const at = this.comments.findIndex((one) => one.id === Number(id));
        this.comments.splice(at, 1);
        return { status: 204, body: {} };
      },
    },
    {
      ...route('GET', '/issues', ['issues: read']),
      answer: (_parameters, _body, query) =>
        this.page(
          this.issues.filter(
            ({ state, user: by }) =>
              state === query.get('state') && by?.login === query.get('creator'),
          ),
          query,
          '/issues',
        ),
    },
    {
      ...route('POST', '/issues', ['issues: write']),
      answer: (_parameters, { title = '', body = '' }) => {
        const made = issue(this.next++, title, body);
        this.issues.push(made);
        return { status: 201, body: made };
      },
    },
    {
      ...route('PATCH', '/issues/(\\d+)', ['issues: write']),
      answer: ([number], patch) => {
        const at = this.issues.findIndex((one) => one.number === Number(number));
        const old = this.issues[at];
        if (old === undefined) return { status: 404, body: { message: 'Not Found' } };
        const updated = { ...old, ...patch };
        this.issues[at] = updated;
        return { status: 200, body: updated };
      },
    },
    {
      ...route('GET', '/commits/([0-9a-f]{40})/pulls', ['pull-requests: read']),
      answer: ([sha = '']) => ({
        status: 200,
        body: this.pulls
          .filter(({ head, mergeCommit }) => sha === mergeCommit || sha === head)
          .map(pull),
      }),
    },
    {
      ...route('GET', '/actions/runs/(\\d+)/approvals', ['actions: read']),
      answer: () => ({ status: 200, body: this.approvals }),
    },
    {
      ...route('GET', '/actions/runs/(\\d+)/attempts/(\\d+)', ['actions: read']),
      answer: ([id = '', attempt = '']) => {
        const status = this.attempts.get(`${id}/${attempt}`);
        if (status === undefined) return { status: 404, body: { message: 'Not Found' } };
        const told = this.attemptTold ?? Number(attempt);
        return { status: 200, body: { id: Number(id), run_attempt: told, status } };
      },
    },
    {
      ...route('GET', '/actions/runs/(\\d+)/artifacts', ['actions: read']),
      answer: ([runId], _body, query) => {
        const found = this.artifacts.filter(
          (one) => one.runId === runId && (query.get('name') ?? one.name) === one.name,
        );
        const body: Artifacts = {
          total_count: found.length,
          artifacts: found.map((one) => artifact(one, this.url)),
        };
        return { status: 200, body };
      },
    },
    {
      ...route('GET', '/actions/artifacts', ['actions: read']),
      answer: (_match, _body, query) => {
        const found = this.artifacts.filter(({ name }) => name === query.get('name'));
        const artifacts = found.map((one) => artifact(one, this.url));
        return { status: 200, body: { total_count: found.length, artifacts } };
      },
    },
    {
      ...route('GET', '/compare/([0-9a-f]{40})\\.\\.\\.([0-9a-f]{40})', ['contents: read']),
      answer: ([base = '', head = '']) => {
        const found = this.compare(base, head);
        if (found === null) return { status: 404, body: { message: 'Not Found' } };
        const commits = found.map(([sha, ...parents]) => ({
          sha,
          parents: parents.map((one) => ({ sha: one })),
        }));
        return { status: 200, body: { commits } };
      },
    },
    {
      ...route('GET', '/actions/artifacts/(\\d+)/zip', ['actions: read']),
      answer: ([id = '']) => ({
        status: 302,
        body: {},
        headers: { location: `${this.url}/blobs/${id}` },
      }),
    },
  ];

  private page(all: readonly unknown[], query: URLSearchParams, below: string): Answer {
    const size = Number(query.get('per_page') ?? 30);
    const page = Number(query.get('page') ?? 1);
    const more = page * size < all.length;
    const next = new URLSearchParams({ ...Object.fromEntries(query), page: String(page + 1) });
    const link = `<${this.url}/repos/${REPOSITORY}${below}?${next.toString()}>; rel="next"`;
    return {
      status: 200,
      body: all.slice((page - 1) * size, page * size),
      ...(more ? { headers: { link } } : {}),
    };
  }

  private zip(id: number): Uint8Array {
    const found = this.artifacts.find((one) => one.id === id);
    if (this.garbled.has(found?.name ?? '')) return new TextEncoder().encode('PK no archive');
    return zipSync(Object.fromEntries(found?.files ?? []));
  }
}

function route(
  method: string,
  below: string,
  needs: readonly string[],
): { method: string; path: RegExp; needs: readonly string[] } {
  return { method, path: new RegExp(`^/repos/${REPOSITORY}${below}$`), needs };
}

function allows(permissions: Permissions, need: string): boolean {
  const [scope = '', level] = need.split(': ');
  const has = permissions[scope];
  return has === 'write' || (has === 'read' && level === 'read');
}

function invalid(message: string): Answer {
  return { status: 422, body: { message: 'Validation Failed', errors: [{ message }] } };
}

const API = 'https://api.github.com';

function user(login: string, type: 'Bot' | 'User'): User {
  const url = `${API}/users/${encodeURIComponent(login)}`;
  return {
    login,
    id: 1,
    node_id: 'U',
    avatar_url: '',
    gravatar_id: '',
    url,
    html_url: '',
    type,
    followers_url: '',
    following_url: '',
    gists_url: '',
    starred_url: '',
    repos_url: '',
    subscriptions_url: '',
    organizations_url: '',
    events_url: '',
    site_admin: false,
    received_events_url: '',
  };
}

const BOT = user('github-actions[bot]', 'Bot');

function comment(id: number, number: number, body: string, by: User): Comment {
  return {
    id,
    node_id: `C${id}`,
    url: `${API}/repos/${REPOSITORY}/issues/comments/${id}`,
    body,
    html_url: `https://github.com/${REPOSITORY}/pull/${number}#issuecomment-${id}`,
    user: by,
    created_at: AT,
    updated_at: AT,
    author_association: 'NONE',
    issue_url: `${API}/repos/${REPOSITORY}/issues/${number}`,
  };
}

function issue(number: number, title: string, body: string): Issue {
  const url = `${API}/repos/${REPOSITORY}/issues/${number}`;
  return {
    id: number,
    node_id: `I${number}`,
    url,
    repository_url: `${API}/repos/${REPOSITORY}`,
    labels_url: '',
    comments_url: '',
    events_url: '',
    html_url: '',
    number,
    title,
    body,
    state: 'open',
    user: BOT,
    labels: [],
    assignee: null,
    milestone: null,
    locked: false,
    comments: 0,
    closed_at: null,
    created_at: AT,
    updated_at: AT,
    author_association: 'NONE',
  };
}

function pull({ number, head, mergeCommit }: KnownPull): Pull {
  const merged_at = mergeCommit === null ? null : AT;
  // The many links of a pull request say nothing here.
  return {
    number,
    merged_at,
    merge_commit_sha: mergeCommit,
    state: mergeCommit === null ? 'open' : 'closed',
    head: { ref: 'change', sha: head, label: 'acme:change' },
  } as unknown as Pull;
}

function artifact({ id, runId, name, files }: StoredArtifact, url: string): Artifact {
  const size = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  return {
    id,
    node_id: `A${id}`,
    name,
    size_in_bytes: size,
    url: '',
    expired: false,
    archive_download_url: `${url}/repos/${REPOSITORY}/actions/artifacts/${id}/zip`,
    created_at: AT,
    expires_at: AT,
    updated_at: AT,
    workflow_run: { id: Number(runId) },
  };
}
