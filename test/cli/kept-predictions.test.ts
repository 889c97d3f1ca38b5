/** Runs of which a prediction may be lost: each is named, and says why. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keptPredictions } from '../../src/cli/kept-predictions.js';
import { sha256 } from '../../src/files/digest.js';
import { AUDIT_FILE, RunFolder, runId } from '../../src/files/runs.js';
import { GONE } from '../support/gone.js';
import { START_MS, VirtualClock } from '../support/org.js';

let runs: string;
beforeEach(async () => {
  runs = await mkdtemp(path.join(tmpdir(), 'strategos-kept-'));
});
afterEach(async () => rm(runs, GONE));

const idOf = (minute: number): string => runId('apply', START_MS + minute * 60_000, 0.5);

/** Its log, as it was written. */
async function written(id: string, environment = 'test'): Promise<string> {
  const context = { run: id, actor: 'ada', environment };
  const run = await RunFolder.create(runs, context, new VirtualClock(), sha256);
  const lines = [
    await run.append({ type: 'run-started' }),
    await run.append({
      type: 'planned',
      detail: { organization: 'org-1', prediction: 'sha256:1' },
    }),
  ];
  await run.close();
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

const broken = async (): Promise<readonly { readonly run: string; readonly why: string }[]> =>
  (await keptPredictions(runs, 'test', 'org-1')).broken;

const CASES: readonly (readonly [string, (log: string) => string | null, RegExp])[] = [
  ['a log that is a folder', () => null, /^its log cannot be read: .*\(it is no file\)$/],
  ['a log that has nothing', () => '', /^its log has no record: nobody can tell whose it is$/],
  ['a log that is text', () => 'no log\n', /^its log is broken: line 1: is not an audit record$/],
  [
    'a first record that names another environment',
    (log) => log.replace('"environment":"test"', '"environment":"live"'),
    /^its log is broken: line 1: /,
  ],
  ['a later record that was edited', (log) => log.replace('org-1', 'org-2'), /: line 2: /],
  ['a first record that was taken away', (log) => log.slice(log.indexOf('\n') + 1), /: line 1: /],
];

it.each(CASES)('%s is named, and hides no other run', async (_, edit, why) => {
  const file = path.join(runs, idOf(1), AUDIT_FILE);
  const log = await written(idOf(1));
  await written(idOf(2));
  expect(await broken()).toEqual([]);
  const edited = edit(log);
  if (edited === null) {
    await rm(file);
    await mkdir(file);
  } else await writeFile(file, edited);
  expect(await broken()).toEqual([{ run: idOf(1), why: expect.stringMatching(why) as string }]);
});

it('a run whose log was removed is named', async () => {
  await written(idOf(1));
  await rm(path.join(runs, idOf(1), AUDIT_FILE));
  expect((await broken())[0]!.why).toMatch(/it was removed$/);
});

it('what is wrong with a run of another environment is for that one to say', async () => {
  const log = await written(idOf(1), 'live');
  await writeFile(path.join(runs, idOf(1), AUDIT_FILE), log.replace('org-1', 'org-2'));
  expect(await broken()).toEqual([]);
});
