/**
 * Checks that are taken out, each with the tests that have to notice. What only a whole history
 * shows is in test/simulation/mutants.
 */
import { expect, it } from 'vitest';
import { played, type Edit } from './played.js';

type Where = readonly [file: string, test: string];
/** What it does, where, the cases that are to notice, and the change. */
type Mutant = readonly [of: string, where: Where, only: string, was: string, is: string];

const OWNER: Where = ['src/core/repository-name.ts', 'test/core/owner.test.ts'];
const GUARD: Where = ['src/core/guard.ts', 'test/core/guard.test.ts'];
const COMPARING: Where = ['src/core/compare.ts', 'test/engine/plan.test.ts'];
const NETWORK: Where = ['src/genesys/network.ts', 'test/genesys/network.test.ts'];
const FOLLOWING: Where = ['src/genesys/network.ts', 'test/genesys/sdk.test.ts'];
const ANSWERS: Where = ['src/genesys/errors.ts', 'test/genesys/errors.test.ts'];
const STOP: Where = ['src/cli/stop.ts', 'test/cli/stop.test.ts'];
const RELEASE: Where = ['src/engine/run.ts', 'test/engine/release.test.ts'];
const WAITS: Where = ['src/core/retry-after.ts', 'test/core/retry-after.test.ts'];
const SENDING: Where = ['src/genesys/transport.ts', 'test/genesys/transport.test.ts'];
const ATTEMPTS: Where = ['src/github/attempts.ts', 'test/github/attempts.test.ts'];
const TRACKED: Where = ['src/files/tracked.ts', 'test/files/tracked.test.ts'];
const RUNS: Where = ['src/files/runs.ts', 'test/files/runs.test.ts'];
const JOBS: Where = ['src/core/workflow.ts', 'test/core/workflow.test.ts'];
const ALLOWED: Where = ['src/manifest/allowed.ts', 'test/manifest/settings.test.ts'];
const HOSTS: Where = ['src/manifest/settings.ts', 'test/manifest/settings.test.ts'];
const SECRETS: Where = ['src/manifest/secrets.ts', 'test/manifest/check.test.ts'];
const GITHUB: Where = ['src/github/refusals.ts', 'test/github/github.test.ts'];
const ALIKE: Where = ['src/core/alike.ts', 'test/core/alike.test.ts'];

const MUTANTS: readonly Mutant[] = [
  [
    ...(['letter case of a path makes another owner', OWNER, 'is spelled'] as const),
    ...(['${isKnown || azure ? caseless(path) : path}', '${path}'] as const),
  ],
  [
    ...(['more than half may go', GUARD, 'more than half of few'] as const),
    ...(['return count * 2 > live;', 'return false;'] as const),
  ],
  [
    ...(['one bad name is compared', COMPARING, 'keep nothing else from being planned'] as const),
    ...(["if (obstacles !== undefined && whose.by !== 'other') {", 'if (!obstacles) {'] as const),
  ],
  [
    ...(['an answer has all the time', NETWORK, 'a byte of the body now and then'] as const),
    ...(["setTimeout(() => endAs('ETIMEDOUT'), totalMs)", 'setTimeout(() => 0, totalMs)'] as const),
  ],
  [
    ...(['an answer has any size', NETWORK, 'in identity is read, up to its bound'] as const),
    ...(['if (bytes > mostBytes)', 'if (bytes > Infinity)'] as const),
  ],
  [
    ...(['an answer unpacks to any size', NETWORK, 'in gzip that unpacks'] as const),
    ...(['const unpacked = within(mostBytes,', 'const unpacked = within(Infinity,'] as const),
  ],
  [
    ...(['a redirection is a refusal', ANSWERS, 'a redirection'] as const),
    ...(['(status >= 300 && status < 400) || status === 407', 'status === 407'] as const),
  ],
  [
    ...(['a redirection is followed', FOLLOWING, 'follows no redirection'] as const),
    ...(['maxRedirects: 0', 'maxRedirects: 5'] as const),
  ],
  [
    ...(['a second signal waits', STOP, 'at once on a second signal'] as const),
    ...(['else this.cutNow();', ''] as const),
  ],
  [
    ...(['a lock is left after a limit', RELEASE, 'outlasted every repetition'] as const),
    ...(['if (ms === null || ms > leftMs) throw error;', 'if (ms !== -1) throw error;'] as const),
  ],
  [
    ...(['a lock is left without a log', RELEASE, 'without an audit log, and says'] as const),
    ...(["error.code === 'audit-unwritable'", "error.code === ''"] as const),
  ],
  [
    ...(['fractions of seconds are no time', WAITS, 'of fractions'] as const),
    ...([String.raw`/^\d+(\.\d*)?$/`, String.raw`/^\d+$/`] as const),
  ],
  [
    ...(['a date is no time', WAITS, 'of a date'] as const),
    ...(['const untilMs = httpDateMs(text);', 'const untilMs = null;'] as const),
  ],
  [
    ...(['a date goes by our clock', WAITS, 'by the clock of the answer'] as const),
    ...(["httpDateMs(headers['date'] ?? '') ?? nowMs", 'nowMs'] as const),
  ],
  [
    ...(['a time that is past is one', WAITS, 'in the past'] as const),
    ...(['return ms > 0 ? ms : null;', 'return ms;'] as const),
  ],
  [
    ...(['a look does not wait', SENDING, 'a look at what became of a write waits'] as const),
    ...(['if (askedMs !== null) {', 'if (askedMs === Infinity) {'] as const),
  ],
  [
    ...(['only a 429 asks to wait', SENDING, 'after a 503 is what Retry-After says'] as const),
    ...([
      'if (!isLimit && !isTrouble(result)) return null;',
      'if (!isLimit) return null;',
    ] as const),
  ],
  [
    ...(['what does not run has ended', ATTEMPTS, 'has not'] as const),
    ...(["data.status === 'completed'", "data.status !== 'in_progress'"] as const),
  ],
  [
    ...(['any answer is about that attempt', ATTEMPTS, 'about another attempt'] as const),
    ...(["if (!isThat || typeof data.status !== 'string')", "if (data.status === '')"] as const),
  ],
  [
    ...(['runs may come with the checkout', TRACKED, 'that git tracks is refused'] as const),
    ...(["if (file !== '') return { is: 'tracked', file };", ''] as const),
  ],
  [
    ...(['a git that fails tracks nothing', TRACKED, 'nobody can tell'] as const),
    ...(['if (isCheckout) unknown ??= {', "if (cwd === '') unknown ??= {"] as const),
  ],
  [
    ...(['everybody may read a run', RUNS, 'is for its owner alone'] as const),
    ...(['FOR_US_ALONE = 0o600', 'FOR_US_ALONE = 0o644'] as const),
  ],
  [
    ...(['everybody may list the runs', RUNS, 'is for its owner alone'] as const),
    ...(['FOLDER_FOR_US_ALONE = 0o700', 'FOLDER_FOR_US_ALONE = 0o755'] as const),
  ],
  [
    ...(['a run is of any attempt', JOBS, 'is of no other'] as const),
    ...(['url === run.url && attempt === run.attempt &&', 'url === run.url &&'] as const),
  ],
  [
    ...(['a manifest may name any variable', ALLOWED, 'name refuses'] as const),
    ...(['const known = prefixes.some(', "const known = key !== '' || prefixes.some("] as const),
  ],
  [
    ...(['credentials go to any host', HOSTS, 'outside of git'] as const),
    ...(['return unknownHost(`${quoted(text)} is not a region`, text);', 'return null;'] as const),
  ],
  [
    ...(['an address may carry a secret', SECRETS, 'are found in the address'] as const),
    ...(['if (SECRET_IN_URL.some(', "if (plain === '' && SECRET_IN_URL.some("] as const),
  ],
  [
    ...(['every 403 is a missing permission', GITHUB, 'secondary, with a time'] as const),
    ...(['limitMs(error, status, said, limits, nowMs);', 'null;'] as const),
  ],
  [
    ...(['names that look alike are two', ALIKE, 'letter case'] as const),
    ...(['.trim().toUpperCase().toLowerCase()', '.trim()'] as const),
  ],
];

it.each(MUTANTS)('%s', async (_of, [file, test], only, was, is) => {
  const edit: Edit = { file, was, is };
  const asIs = await played({ test, only }, null);
  expect(asIs.failed).toBeNull();
  expect(asIs.played).toBeGreaterThan(0);
  expect((await played({ test, only }, edit)).failed).not.toBeNull();
});
