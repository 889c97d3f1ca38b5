import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bundle,
  judgeWritten,
  loadEnvironments,
  loadManifests,
  validateAll,
} from '../../src/manifest/load.js';
import { environment, issuesOf, issueText, source, strategy, TARGETS } from './issue-text.js';
import { expectGrowth } from '../support/growth.js';

const load = (files: Readonly<Record<string, string>>) =>
  loadManifests(Object.entries(files).map(([path, text]) => source(text, path)));

describe('loadManifests', () => {
  it('tells both places of a name that is used twice', () => {
    const all = {
      'a.yaml': strategy(TARGETS),
      'b.yaml': `# two\n${strategy(TARGETS)}`,
      'c.yaml': environment(),
    };
    expect(issuesOf(all)).toEqual([
      'a.yaml:3:13 duplicate-name RoutingStrategy/x: the name is used twice, also in b.yaml:4 (rename one of the two, or remove it)',
      'b.yaml:4:13 duplicate-name RoutingStrategy/x: the name is used twice, also in a.yaml:3 (rename one of the two, or remove it)',
    ]);
  });

  it('keeps names of different kinds apart', () => {
    expect(issuesOf({ 'a.yaml': strategy(TARGETS, 'prod'), 'b.yaml': environment() })).toEqual([]);
  });

  it('shows the errors of all files and documents together, in order', () => {
    const broken = strategy('  targets: []\n');
    const all = {
      'b.yaml': `${broken}---\n${broken.replace('name: x', 'name: y')}`,
      'a.yaml': 'a: [',
    };
    expect(issuesOf(all).map((one) => one.split(' ')[0])).toEqual([
      'a.yaml:1:5',
      'b.yaml:5:3',
      'b.yaml:11:3',
    ]);
  });

  it('tells each of two that are alike in one line', () => {
    const targets = '  targets: [{ queue: A, __proto__: 1 }, { queue: B, __proto__: 1 }]\n';
    const alone = issuesOf({ 'a.yaml': strategy(targets) });
    expect(alone.map((one) => one.split(' ').slice(0, 2).join(' '))).toEqual([
      'a.yaml:5:25 forbidden-key',
      'a.yaml:5:53 forbidden-key',
    ]);
    const two = { 'p.yaml': environment('', 'prod'), 't.yaml': environment('', 'test') };
    expect(issuesOf({ 'a.yaml': strategy(targets), ...two })).toEqual(alone);
  });

  it('leaves out no document, and says which are sound', () => {
    const { documents } = load({ 'a.yaml': strategy('  targets: []\n'), 'b.yaml': environment() });
    expect(documents.map(({ kind, name, sound }) => [kind, name, sound])).toEqual([
      ['RoutingStrategy', 'x', false],
      ['Environment', 'prod', true],
    ]);
  });

  it('does not echo what parsing refused', () => {
    expect(issuesOf(strategy(`${TARGETS}  status: !x active\n`))).toHaveLength(1);
  });

  it('never throws on JSON in the place of a manifest', () => {
    const kind = fc.constantFrom('RoutingStrategy', 'Environment', 'Overlay');
    const spec = fc.record(
      {
        targets: fc.jsonValue({ maxDepth: 4 }),
        selection: fc.record({ skills: fc.jsonValue() }),
        fallback: fc.jsonValue(),
        optimizer: fc.record({ bounds: fc.jsonValue() }),
        host: fc.jsonValue(),
        wfm: fc.record({ url: fc.jsonValue() }),
        patch: fc.array(fc.jsonValue()),
        target: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(kind, fc.oneof(spec, fc.jsonValue()), fc.jsonValue(), (name, body, metadata) => {
        const text = JSON.stringify({
          apiVersion: 'strategos/v1',
          kind: name,
          metadata,
          spec: body,
        });
        validateAll(load({ 'a.yaml': text, 'b.yaml': environment() }));
      }),
      { numRuns: 500 },
    );
  });
});

describe('bundle', () => {
  const all = {
    'b.yaml': strategy(TARGETS, 'b'),
    'a.yaml': `${strategy(TARGETS, 'z')}---\n${strategy(TARGETS, 'C')}`,
    'prod.yaml': environment(),
  };
  const chosen = (files: Readonly<Record<string, string>>, name?: string) => {
    const { environment: found, issues } = bundle(load(files), name);
    return [found?.name, ...issues.map(issueText)];
  };

  it('holds the reconciled manifests by kind and name', () => {
    const { manifests, issues } = bundle(load(all), undefined);
    expect(issues).toEqual([]);
    expect(manifests.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      'RoutingStrategy/C',
      'RoutingStrategy/b',
      'RoutingStrategy/z',
    ]);
  });

  it('chooses the only environment, or the named one', () => {
    const two = { ...all, 'test.yaml': environment('', 'test') };
    expect(chosen(all)).toEqual(['prod']);
    expect(chosen(all, 'prod')).toEqual(['prod']);
    expect(chosen(two, 'test')).toEqual(['test']);
    expect(chosen(two)).toEqual([
      undefined,
      '- environment-not-chosen there are 2 environments: prod, test (choose one with --env NAME)',
    ]);
    expect(chosen(two, 'tset')).toEqual([
      undefined,
      '- unknown-environment there is no Environment named "tset" (did you mean test?)',
    ]);
    expect(chosen(all, 'elsewhere')).toEqual([
      undefined,
      '- unknown-environment there is no Environment named "elsewhere" (there are: prod)',
    ]);
    expect(chosen({ 'a.yaml': strategy(TARGETS) })).toEqual([
      undefined,
      '- no-environment there is no Environment among the manifests (strategos init writes one; or write a manifest of kind Environment)',
    ]);
  });

  it('has no environment that is wrong, and no manifest that is', () => {
    const {
      environment: found,
      manifests,
      issues,
    } = bundle(
      load({ 'a.yaml': environment('  prune: yes\n'), 'b.yaml': strategy('  targets: []\n') }),
      'prod',
    );
    expect([found, manifests, issues.length]).toEqual([null, [], 2]);
  });
});

describe('the environments alone', () => {
  const escaped = environment().replace('Environment', '"\\u0045nvironment"');
  const of = (files: Readonly<Record<string, string>>) =>
    loadEnvironments(Object.entries(files).map(([path, text]) => source(text, path)));

  it('are found however they are written, whatever is wrong with other manifests', () => {
    for (const text of [environment(), escaped]) {
      const { documents, issues } = of({ 'a.yaml': text, 'b.yaml': 'a: [', 'c.yaml': 'kind: X' });
      expect([documents.map(({ name }) => name), issues]).toEqual([['prod'], []]);
    }
  });

  it('are refused for what is wrong with them, and for nothing that an overlay leads to', () => {
    const overlay =
      '---\napiVersion: strategos/v1\nkind: Overlay\nmetadata: { name: o }\nspec:\n' +
      '  environment: prod\n  target: { kind: RoutingStrategy, name: gone }\n  patch: []\n';
    expect(of({ 'a.yaml': `${environment()}${overlay}` }).issues).toEqual([]);
    expect(of({ 'a.yaml': environment('  prune: yes\n') }).issues).toHaveLength(1);
    expect(of({ 'a.yaml': `${environment()}x: [` }).issues.length).toBeGreaterThan(0);
    const twice = of({ 'a.yaml': environment(), 'b.yaml': escaped }).issues;
    expect(twice.map(({ code }) => code)).toEqual(['duplicate-name', 'duplicate-name']);
  });
});

describe('files that were written', () => {
  it('are judged as if they were read, with the line', () => {
    const all = {
      'a.yaml': strategy('  targets: []\n'),
      'b.yaml': strategy(TARGETS, 'y'.repeat(300)),
      'c.yaml': strategy(TARGETS, 'fine'),
    };
    const loaded = load({ ...all, 'e.yaml': environment() });
    const chosen = bundle(load({ 'e.yaml': environment() }), 'prod').environment;
    if (chosen === null) throw new Error('no environment');
    const written = loaded.documents
      .filter(({ kind }) => kind === 'RoutingStrategy')
      .map(({ body, positions }) => {
        const { file } = positions.at('');
        return { path: file, body, text: all[file as keyof typeof all] };
      });
    const judged = judgeWritten(written, chosen);
    const read = bundle(loaded, 'prod');
    expect(judged.issues.map(issueText)).toEqual(read.issues.map(issueText));
    expect(judged.manifests.map(({ name }) => name)).toEqual(
      read.manifests.map(({ name }) => name),
    );
    expect(judged.issues.length).toBeGreaterThan(0);
  });
});

describe('memory and time', () => {
  it('of five thousand manifests are ten times those of five hundred', () => {
    const spec = `${TARGETS}  fallback: { queue: B }\n  checks: { skills: warn }\n`;
    const sources = Array.from({ length: 5000 }, (_, i) =>
      source(strategy(spec, `s${i}`), `s/${i}.yaml`),
    );
    expectGrowth((count) => {
      const loaded = loadManifests(sources.slice(0, count));
      expect(loaded.issues).toEqual([]);
      expect(loaded.documents).toHaveLength(count);
    }, 5000);
  });
});
