/** What `strategos init` writes, looked at as text. */
import { describe, expect, it } from 'vitest';
import { hasErrors } from '../../src/core/issue.js';
import { loadManifests, validateAll } from '../../src/manifest/load.js';
import { starterFiles, type Starter } from '../../src/starter/files.js';
import { STARTER } from '../support/starting.js';
import { expectGolden } from '../support/golden.js';

function textOf(file: string, starter: Starter = STARTER): string {
  const found = starterFiles(starter).find((one) => one.file === file);
  if (found === undefined) throw new Error(`no file ${file}`);
  return found.text;
}

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

  it('has a call flow that asks about waits, where that is wanted', () => {
    const flowOf = (patience: boolean): string =>
      starterFiles({ ...STARTER, patience }).find(({ file }) => file.startsWith('call-flow/'))
        ?.text ?? '';
    expect(flowOf(true)).toContain('FindQueueEstimatedWaitTime(Flow.QueueName) <');
    expect(flowOf(false)).not.toContain('EstimatedWait');
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

  it('says what to do where npm has no such version, only where npm is asked for one', () => {
    expect(textOf('README.md')).toContain('`npm install --save-dev ./strategos-0.1.0.tgz`');
    const named = { ...STARTER, packageSpec: 'file:strategos-0.1.0.tgz' };
    expect(textOf('README.md', named)).not.toContain('asks npm for');
  });

  it('has a CODEOWNERS that owns nothing yet', () => {
    expect(textOf('.github/CODEOWNERS')).toMatch(/^(#.*\n)+$/);
  });
});
