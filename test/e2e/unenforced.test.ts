/** What a row cannot do is said once a run, changes no exit code, and is not said where it is untrue. */
import { afterEach, describe, expect, it } from 'vitest';
import { Workplace, type Ended } from '../support/cli.js';

let place: Workplace;
afterEach(() => place.close());

const SAID = 'does not hold back calls beyond capacity';
const count = ({ stdout, stderr }: Ended): number => (stdout + stderr).split(SAID).length - 1;

describe('backend datatable', () => {
  it('is told of by validate, plan and apply, once each', async () => {
    place = await Workplace.open(undefined, { backend: 'datatable' });
    for (const args of [['validate'], ['plan'], ['apply', '--yes']]) {
      const ended = await place.strategos(args);
      expect([args, ended.code, count(ended)]).toEqual([args, 0, 1]);
      expect(ended.stdout + ended.stderr).toContain('docs/call-flow.md');
    }
    // Nothing is changed, and so nothing has to be known.
    const again = await place.strategos(['plan', '--detailed-exitcode']);
    expect([again.code, count(again)]).toEqual([0, 0]);
  });

  it('leaves what validate answers as it was, and is quiet when it is asked to be', async () => {
    place = await Workplace.open(undefined, { backend: 'datatable' });
    const said = await place.strategos(['validate']);
    expect(said.stdout).toMatch(/^\d+ manifests in \d+ files: valid\.\n$/);
    const quiet = await place.strategos(['validate', '--quiet']);
    expect([quiet.code, quiet.stdout, count(quiet)]).toEqual([0, said.stdout, 0]);
    const json = await place.strategos(['validate', '--format', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ valid: true, issues: [] });
  });

  it.each(['json', 'markdown', 'html'])('stands in a plan as %s, once', async (format) => {
    place = await Workplace.open(undefined, { backend: 'datatable' });
    const ended = await place.strategos(['plan', '--format', format]);
    expect([ended.code, count(ended)]).toEqual([0, 1]);
  });

  it('is in the plan file, which an apply carries out', async () => {
    place = await Workplace.open(undefined, { backend: 'datatable' });
    await place.strategos(['plan', '--out', 'plan.json']);
    expect(
      (JSON.parse(await place.read('plan.json')) as { unenforced: unknown }).unenforced,
    ).toEqual([expect.stringContaining(SAID)]);
    const ended = await place.strategos(['apply', 'plan.json', '--yes']);
    expect([ended.code, count(ended)]).toEqual([0, 1]);
  });
});

it('backend strategies-api is not told of: the platform does it', async () => {
  place = await Workplace.open();
  for (const args of [['validate'], ['plan'], ['apply', '--yes']]) {
    const ended = await place.strategos(args);
    expect([ended.code, count(ended)]).toEqual([0, 0]);
  }
});
