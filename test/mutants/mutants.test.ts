/**
 * Checks that are taken out, each with the tests that have to notice. What only a whole history
 * shows is in test/simulation/mutants.
 */
import { expect, it } from 'vitest';
import { played, type Edit } from './played.js';

type Where = readonly [file: string, test: string];

interface Mutant {
  /** What it does. */
  readonly of: string;
  readonly where: Where;
  /** In the names of the cases that are to notice. */
  readonly only: string;
  readonly was: string;
  readonly is: string;
}

const OWNER: Where = ['src/core/repository-name.ts', 'test/core/owner.test.ts'];
const MARKER: Where = ['src/render/marker.ts', 'test/render/budget.test.ts'];
const FORMER: Where = ['src/core/rollback.ts', 'test/core/rollback.test.ts'];
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
  {
    of: 'letter case of a path makes another owner',
    where: OWNER,
    only: 'is spelled',
    was: '${isKnown || azure ? caseless(path) : path}',
    is: '${path}',
  },
  {
    of: 'more than half may go',
    where: GUARD,
    only: 'more than half of few',
    was: 'return count * 2 > live;',
    is: 'return false;',
  },
  {
    of: "another owner's objects count for nothing",
    where: GUARD,
    only: 'names the owner of each that is not ours',
    was: 'if (foreign.length > 0) {',
    is: 'if (foreign.length > 1e9) {',
  },
  {
    of: 'what was found before a rollback is not what comes first',
    where: FORMER,
    only: 'takes the first intent of every object',
    was: "return type === 'outcome' && outcome?.state === 'failed' && isClear;",
    is: 'return true;',
  },
  {
    of: 'an older run writes over a newer plan',
    where: MARKER,
    only: 'a later run',
    was: 'if (theirs !== ours) return theirs > ours ? id : null;',
    is: 'if (theirs !== ours) return null;',
  },
  {
    of: 'one bad name is compared',
    where: COMPARING,
    only: 'keep nothing else from being planned',
    was: "if (obstacles !== undefined && whose.by !== 'other') {",
    is: 'if (!obstacles) {',
  },
  {
    of: 'an answer has all the time',
    where: NETWORK,
    only: 'although there is never silence',
    was: "setTimeout(() => endAs('ETIMEDOUT'), totalMs)",
    is: 'setTimeout(() => 0, totalMs)',
  },
  {
    of: 'an answer has any size',
    where: NETWORK,
    only: 'in identity is read, up to its bound',
    was: 'if (bytes > mostBytes)',
    is: 'if (bytes > Infinity)',
  },
  {
    of: 'an answer unpacks to any size',
    where: NETWORK,
    only: 'in gzip that unpacks',
    was: 'const unpacked = within(mostBytes,',
    is: 'const unpacked = within(Infinity,',
  },
  {
    of: 'a redirection is a refusal',
    where: ANSWERS,
    only: 'a redirection',
    was: '(status >= 300 && status < 400) || status === 407',
    is: 'status === 407',
  },
  {
    of: 'a redirection is followed',
    where: FOLLOWING,
    only: 'follows no redirection',
    was: 'maxRedirects: 0',
    is: 'maxRedirects: 5',
  },
  {
    of: 'a second signal waits',
    where: STOP,
    only: 'at once on a second signal',
    was: 'else this.cutNow();',
    is: '',
  },
  {
    of: 'a lock is left after a limit',
    where: RELEASE,
    only: 'outlasted every repetition',
    was: 'if (ms === null || ms > leftMs) throw error;',
    is: 'if (ms !== -1) throw error;',
  },
  {
    of: 'a lock is left without a log',
    where: RELEASE,
    only: 'without an audit log, and says',
    was: "error.code === 'audit-unwritable'",
    is: "error.code === ''",
  },
  {
    of: 'fractions of seconds are no time',
    where: WAITS,
    only: 'of fractions',
    was: String.raw`/^\d+(\.\d*)?$/`,
    is: String.raw`/^\d+$/`,
  },
  {
    of: 'a date is no time',
    where: WAITS,
    only: 'of a date',
    was: 'const untilMs = httpDateMs(text);',
    is: 'const untilMs = null;',
  },
  {
    of: 'a date goes by our clock',
    where: WAITS,
    only: 'by the clock of the answer',
    was: "httpDateMs(headers['date'] ?? '') ?? nowMs",
    is: 'nowMs',
  },
  {
    of: 'a time that is past is one',
    where: WAITS,
    only: 'in the past',
    was: 'return ms > 0 ? ms : null;',
    is: 'return ms;',
  },
  {
    of: 'a look does not wait',
    where: SENDING,
    only: 'a look at what became of a write waits',
    was: 'if (askedMs !== null) {',
    is: 'if (askedMs === Infinity) {',
  },
  {
    of: 'only a 429 asks to wait',
    where: SENDING,
    only: 'after a 503 is what Retry-After says',
    was: 'if (!isLimit && !isTrouble(result)) return null;',
    is: 'if (!isLimit) return null;',
  },
  {
    of: 'what does not run has ended',
    where: ATTEMPTS,
    only: 'has not',
    was: "data.status === 'completed'",
    is: "data.status !== 'in_progress'",
  },
  {
    of: 'any answer is about that attempt',
    where: ATTEMPTS,
    only: 'about another attempt',
    was: "if (!isThat || typeof data.status !== 'string')",
    is: "if (data.status === '')",
  },
  {
    of: 'runs may come with the checkout',
    where: TRACKED,
    only: 'that git tracks is refused',
    was: "if (file !== '') return { is: 'tracked', file };",
    is: '',
  },
  {
    of: 'a git that fails tracks nothing',
    where: TRACKED,
    only: 'nobody can tell',
    was: 'if (isCheckout) unknown ??= {',
    is: "if (cwd === '') unknown ??= {",
  },
  {
    of: 'everybody may read a run',
    where: RUNS,
    only: 'is for its owner alone',
    was: 'FOR_US_ALONE = 0o600',
    is: 'FOR_US_ALONE = 0o644',
  },
  {
    of: 'everybody may list the runs',
    where: RUNS,
    only: 'is for its owner alone',
    was: 'FOLDER_FOR_US_ALONE = 0o700',
    is: 'FOLDER_FOR_US_ALONE = 0o755',
  },
  {
    of: 'a run is of any attempt',
    where: JOBS,
    only: 'is of no other',
    was: 'url === run.url && attempt === run.attempt &&',
    is: 'url === run.url &&',
  },
  {
    of: 'a manifest may name any variable',
    where: ALLOWED,
    only: 'name refuses',
    was: 'const known = prefixes.some(',
    is: "const known = key !== '' || prefixes.some(",
  },
  {
    of: 'credentials go to any host',
    where: HOSTS,
    only: 'outside of git',
    was: 'return unknownHost(`${quoted(text)} is not a region`, text);',
    is: 'return null;',
  },
  {
    of: 'an address may carry a secret',
    where: SECRETS,
    only: 'are found in the address',
    was: 'if (SECRET_IN_URL.some(',
    is: "if (plain === '' && SECRET_IN_URL.some(",
  },
  {
    of: 'every 403 is a missing permission',
    where: GITHUB,
    only: 'secondary, with a time',
    was: 'limitMs(error, status, said, limits, nowMs);',
    is: 'null;',
  },
  {
    of: 'names that look alike are two',
    where: ALIKE,
    only: 'letter case',
    was: '.trim().toUpperCase().toLowerCase()',
    is: '.trim()',
  },
  {
    of: 'a twin in the org stops nobody',
    where: ['src/core/twins.ts', 'test/core/twins.test.ts'],
    only: 'alone stop each other',
    was: 'for (const address of [...declared.keys(), ...live]) {',
    is: 'for (const address of declared.keys()) {',
  },
  {
    of: 'a claim knows the names of then alone',
    where: ['src/core/former.ts', 'test/core/ownership.test.ts'],
    only: 'by a queue as it is called now',
    was: 'if (!same(called, applied))',
    is: 'if (called === applied)',
  },
];

it.each(MUTANTS)('$of', async ({ where: [file, test], only, was, is }) => {
  const edit: Edit = { file, was, is };
  const asIs = await played({ test, only }, null);
  expect(asIs.failed).toBeNull();
  expect(asIs.played).toBeGreaterThan(0);
  expect((await played({ test, only }, edit)).failed).not.toBeNull();
});
