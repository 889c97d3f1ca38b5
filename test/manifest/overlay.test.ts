import { kinds } from '../../src/kinds/index.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyOperations } from '../../src/core/edits.js';
import { isObject, pointer } from '../../src/core/json.js';
import type { Json } from '../../src/core/json.js';
import type { Operation } from '../../src/core/types.js';
import { bundle, loadManifests } from '../../src/manifest/load.js';
import { applyOverlay } from '../../src/manifest/overlay.js';
import { parseSource } from '../../src/manifest/parse.js';
import { environment, issuesOf, issueText, overlay, source, strategy } from './issue-text.js';
import { expectGrowth } from '../support/growth.js';

const SPEC =
  '  targets:\n' +
  '    - { queue: A, weight: 1, capacity: 10 }\n' +
  '    - queue: B\n' +
  '      capacity: 20\n' +
  '  fallback: { queue: C }\n';

const files = (patch: string) => ({
  'env.yaml': environment(),
  'o.yaml': overlay(patch),
  's.yaml': strategy(SPEC),
});

function bundled(patch: string) {
  const sources = Object.entries(files(patch)).map(([path, text]) => source(text, path));
  const { manifests, issues } = bundle(loadManifests(sources), 'prod');
  return { manifest: manifests[0], issues: issues.map(issueText) };
}

describe('an overlay of which several operations are wrong', () => {
  const wrong = (...operations: string[]): string[] =>
    bundled(operations.map((one) => `    - { ${one} }\n`).join('')).issues.map((text) =>
      text.replace(/ \|.*| \[.*/s, ''),
    );

  it('has each of them told, and nothing that follows from one alone', () => {
    const found = wrong(
      'op: replace, path: /spec/fallbak/queue, value: D',
      'op: replace, path: /spec/targets/0/weight, value: 0.5',
      'op: remove, path: /spec/fallbak/queue/x',
      'op: remove, path: /spec/targets/7',
      'op: remove, path: /spec/targets/1/weight',
      'op: copy, from: /spec/nothing, path: /spec/fallback/queue',
    );
    expect(found.map((one) => one.replace(/: .*Overlay\/\S+ /, ': '))).toEqual([
      expect.stringMatching(/^o.yaml:8:.*replace \/spec\/fallbak/),
      expect.stringMatching(/^o.yaml:11:.*remove \/spec\/targets\/7/),
      expect.stringMatching(/^o.yaml:13:.*copy \/spec\/nothing/),
    ]);
  });

  it('has nothing told of those behind a test that failed', () => {
    const test = 'op: test, path: /spec/targets/0/queue, value: Z';
    expect(wrong(test, 'op: remove, path: /spec/nothing')).toEqual([
      expect.stringContaining('test failed'),
    ]);
  });
});

describe('an overlay', () => {
  it('changes the manifest of its environment, and is where the change was written', () => {
    const { manifest, issues } = bundled(
      '    - { op: test, path: /spec/targets/0/queue, value: A }\n' +
        '    - { op: replace, path: /spec/targets/0/weight, value: 0.8 }\n' +
        '    - op: add\n' +
        '      path: /spec/targets/1\n' +
        '      value:\n' +
        '        queue: D\n' +
        '        capacity: 5\n' +
        '    - { op: remove, path: /spec/fallback }\n' +
        '    - { op: copy, from: /spec/targets/2/capacity, path: /spec/targets/0/capacity }\n',
    );
    expect(issues).toEqual([]);
    expect(manifest?.body['spec']).toEqual({
      targets: [
        { queue: 'A', weight: 0.8, capacity: 20 },
        { queue: 'D', capacity: 5 },
        { queue: 'B', capacity: 20 },
      ],
    });
    const at = (where: string) => {
      const { file, line, column } = manifest!.positions.at(where);
      return `${file}:${line}:${column}`;
    };
    expect(at('/spec/targets/0/queue')).toBe('s.yaml:6:9');
    expect(at('/spec/targets/0/weight')).toBe('o.yaml:9:52');
    expect(at('/spec/targets/0/capacity')).toBe('o.yaml:16:51');
    expect(at('/spec/targets/1')).toBe('o.yaml:12:7');
    expect(at('/spec/targets/1/capacity')).toBe('o.yaml:14:9');
    expect(at('/spec/targets/2/capacity')).toBe('s.yaml:8:7');
    expect(at('/spec/fallback')).toBe('s.yaml:4:1');
    expect(at('/metadata/name')).toBe('s.yaml:3:13');
  });

  it('what is moved keeps its lines below, and the overlay says where it stands', () => {
    const { manifest, issues } = bundled(
      '    - { op: move, from: /spec/targets/1, path: /spec/targets/0 }\n',
    );
    expect(issues).toEqual([]);
    expect(manifest?.positions.at('/spec/targets/0')).toMatchObject({ file: 'o.yaml', line: 8 });
    expect(manifest?.positions.at('/spec/targets/0/capacity')).toMatchObject({
      file: 's.yaml',
      line: 8,
    });
    expect(manifest?.positions.at('/spec/targets/1/capacity')).toMatchObject({
      file: 's.yaml',
      line: 6,
    });
  });

  it.each<[string, string, string[]]>([
    [
      'a path that is nowhere',
      '    - { op: replace, path: /spec/targets/0/wieght, value: 1 }\n',
      [
        'o.yaml:8:22 overlay-path-missing Overlay/o: replace /spec/targets/0/wieght: no key "wieght" in ' +
          '/spec/targets/0 (did you mean /spec/targets/0/weight?)',
      ],
    ],
    [
      'an item that is nowhere',
      '    - { op: remove, path: /spec/targets/2 }\n',
      [
        'o.yaml:8:21 overlay-path-missing Overlay/o: remove /spec/targets/2: no such item; /spec/targets has 2 items',
      ],
    ],
    [
      'a parent that is nowhere',
      '    - { op: add, path: /spec/optimiser/policy, value: headroom }\n',
      [
        'o.yaml:8:18 overlay-path-missing Overlay/o: add /spec/optimiser/policy: no key "optimiser" in /spec ' +
          '(keys of /spec: fallback, targets)',
      ],
    ],
    [
      'a source that is nowhere',
      '    - { op: copy, from: /spec/fallbak, path: /spec/x }\n',
      [
        'o.yaml:8:19 overlay-path-missing Overlay/o: copy /spec/fallbak: no key "fallbak" in /spec ' +
          '(did you mean /spec/fallback?)',
      ],
    ],
    [
      'a test that fails',
      '    - { op: test, path: /spec/targets/0/weight, value: 0.5 }\n',
      [
        'o.yaml:8:19 overlay-test-failed Overlay/o: test /spec/targets/0/weight: test failed: found 1, not 0.5',
      ],
    ],
    [
      'an inherited property',
      '    - { op: copy, from: /spec/toString, path: /metadata/description }\n',
      [
        'o.yaml:8:19 overlay-path-missing Overlay/o: copy /spec/toString: no key "toString" in /spec ' +
          '(keys of /spec: fallback, targets)',
      ],
    ],
    [
      'a prototype',
      '    - { op: add, path: /spec/__proto__/polluted, value: 1 }\n',
      [
        'o.yaml:8:18 overlay-path-missing Overlay/o: add /spec/__proto__/polluted: the key __proto__ is not allowed',
      ],
    ],
    [
      'another name',
      '    - { op: replace, path: /metadata/name, value: y }\n',
      [
        'o.yaml:8:22 overlay-changes-identity Overlay/o: changes apiVersion, kind or metadata.name of ' +
          'RoutingStrategy/x; an overlay may change anything else (remove the operation; another name is another manifest)',
      ],
    ],
    [
      'the whole document',
      '    - { op: replace, path: "", value: 1 }\n',
      [
        'o.yaml:8:22 overlay-changes-identity Overlay/o: changes apiVersion, kind or metadata.name of ' +
          'RoutingStrategy/x; an overlay may change anything else (remove the operation; another name is another manifest)',
      ],
    ],
    [
      'a value that the schema refuses',
      '    - { op: replace, path: /spec/targets/0/weight, value: "0.8" }\n',
      [
        'o.yaml:8:52 wrong-type spec.targets[0].weight: expected a number, found the text "0.8" (remove the quotes)',
      ],
    ],
    [
      'a key that the schema refuses, deep in a value',
      '    - op: add\n      path: /spec/optimizer\n      value:\n        policy: headroom\n        bound: {}\n',
      ['o.yaml:12:9 unknown-key spec.optimizer.bound: unknown key (did you mean bounds?)'],
    ],
    [
      'what the rules refuse',
      '    - { op: replace, path: /spec/fallback/queue, value: B }\n',
      [
        'o.yaml:8:50 circular-fallback spec.fallback: the queue "B" is also a target, in line 7: a circular fallback ' +
          '(name a queue that is not a target, or write fallback: null)',
      ],
    ],
    [
      'what is missing after a removal',
      '    - { op: remove, path: /spec/targets/1/capacity }\n',
      [
        's.yaml:7:7 missing-key spec.targets[1]: "capacity" is missing, by what Overlay/o says (add capacity)',
      ],
    ],
  ])('is refused: %s', (_, patch, expected) => {
    expect(issuesOf(files(patch))).toEqual(expected);
    expect(bundled(patch)).toEqual({ manifest: undefined, issues: expected });
  });

  it.each([false, true])('leads to what is wrong in its own file (before it: %s)', (isBefore) => {
    const patch = overlay('    - { op: remove, path: /spec/targets/1/capacity }\n');
    const both = isBefore ? [patch, strategy(SPEC)] : [strategy(SPEC), patch];
    const [found] = issuesOf({ 'env.yaml': environment(), 'all.yaml': both.join('---\n') });
    expect(found).toMatch(/"capacity" is missing, by what Overlay\/o says/);
  });

  it('does nothing in another environment', () => {
    const all = {
      ...files('    - { op: remove, path: /spec/fallback }\n'),
      'test.yaml': environment('', 'test'),
    };
    const loaded = loadManifests(Object.entries(all).map(([path, text]) => source(text, path)));
    expect(bundle(loaded, 'test').manifests[0]?.body['spec']).toHaveProperty('fallback');
    expect(bundle(loaded, 'prod').manifests[0]?.body['spec']).not.toHaveProperty('fallback');
  });

  it('applies after those whose names come before, whatever their files', () => {
    const patch = (value: number) =>
      `    - { op: replace, path: /spec/targets/0/weight, value: ${value} }\n`;
    const all = {
      'a.yaml': overlay(patch(0.2), 'second'),
      'b.yaml': overlay(patch(0.1), 'first'),
      'c.yaml': environment(),
      'd.yaml': strategy(SPEC),
    };
    const loaded = loadManifests(Object.entries(all).map(([path, text]) => source(text, path)));
    expect(bundle(loaded, undefined).manifests[0]?.body).toMatchObject({
      spec: { targets: [{ weight: 0.2 }, {}] },
    });
  });

  it.each([
    ['replace', '{ op: replace, path: /spec/targets/0/weight, value: 0.2 }', true],
    ['remove', '{ op: remove, path: /spec/targets/0/weight }', true],
    ['set to the same', '{ op: replace, path: /spec/targets/0/weight, value: 0.1 }', false],
    [
      'the whole of it',
      '{ op: replace, path: /spec/targets/0, value: { queue: D, weight: 1, capacity: 3 } }',
      true,
    ],
    ['the item is gone', '{ op: remove, path: /spec/targets/0 }', true],
    [
      'copied over',
      '{ op: copy, from: /spec/targets/0/capacity, path: /spec/targets/0/weight }',
      true,
    ],
    [
      'of another item in its place',
      '{ op: add, path: /spec/targets/0, value: { queue: D, weight: 1, capacity: 3 } }\n' +
        '    - { op: replace, path: /spec/targets/0/weight, value: 0.2 }',
      false,
    ],
    ['elsewhere', '{ op: replace, path: /spec/targets/0/capacity, value: 2 }', false],
    [
      'into the list',
      '{ op: add, path: /spec/targets/0, value: { queue: D, weight: 1, capacity: 3 } }',
      false,
    ],
    [
      'looked at before',
      '{ op: test, path: /spec/targets/0/weight, value: 0.1 }\n' +
        '    - { op: replace, path: /spec/targets/0/weight, value: 0.2 }',
      false,
    ],
  ])('what another has set otherwise is said: %s', (_, operation, isSaid) => {
    const all = {
      'a.yaml': overlay(`    - ${operation}\n`, 'second'),
      'b.yaml': overlay(
        '    - { op: replace, path: /spec/targets/0/weight, value: 0.1 }\n',
        'first',
      ),
      'c.yaml': environment(),
      'd.yaml': strategy(SPEC),
    };
    const loaded = loadManifests(Object.entries(all).map(([path, text]) => source(text, path)));
    const { issues, manifests } = bundle(loaded, undefined);
    expect(manifests).toHaveLength(1);
    expect(issues.map(({ code, severity, at }) => [code, severity, at?.file])).toEqual(
      isSaid ? [['overlay-overruled', 'warning', 'a.yaml']] : [],
    );
    if (isSaid) expect(issues[0]?.message).toContain('is set by Overlay/first as well');
  });

  it('names an environment and a target that exist', () => {
    const all = {
      ...files(''),
      'o.yaml': overlay('    - { op: remove, path: /spec }\n', 'o', 'y').replace(
        'environment: prod',
        'environment: prd',
      ),
      'p.yaml': overlay('    - { op: remove, path: /spec }\n', 'p', 'prod').replace(
        'kind: RoutingStrategy,',
        'kind: Environment,',
      ),
    };
    expect(issuesOf(all)).toEqual([
      'o.yaml:5:3 unknown-environment Overlay/o: there is no Environment named "prd" (did you mean prod?)',
      'o.yaml:6:36 overlay-target-missing Overlay/o: there is no RoutingStrategy named "y" (did you mean x?)',
      `p.yaml:6:13 overlay-target-kind Overlay/p: a manifest of kind "Environment" cannot be patched (there are: ${Object.keys(kinds).sort().join(', ')})`,
    ]);
  });

  it.each([
    ['by its kind', 'kind: Environment, name: prod', '/spec/credentials/clientSecretEnv'],
    ['by a kind that is no word', 'kind: " Environment", name: prod', '/spec/host'],
    ['in a strategy of its name', 'kind: RoutingStrategy, name: prod', '/spec/credentials'],
    ['by way of another kind', 'kind: RoutingStrategy, name: x', '/kind'],
  ])('reaches no Environment: %s', (_how, target, where) => {
    const value = where === '/kind' ? 'Environment' : 'evil.example';
    const patch = `    - { op: add, path: ${where}, value: ${value} }\n`;
    const all = {
      'env.yaml': environment(
        '  host: mypurecloud.ie\n  credentials: { clientIdEnv: GENESYS_ID }\n',
      ),
      'o.yaml': overlay(patch).replace('kind: RoutingStrategy, name: x', target),
      's.yaml': strategy(SPEC),
    };
    const sources = Object.entries(all).map(([path, text]) => source(text, path));
    const found = bundle(loadManifests(sources), 'prod');
    expect(found.issues.filter(({ severity }) => severity === 'error')).toHaveLength(1);
    expect(found.environment).toMatchObject({
      host: 'mypurecloud.ie',
      credentials: { clientIdEnv: 'GENESYS_ID' },
    });
  });

  it('may not double a manifest without end', () => {
    const doubled = (times: number): string[] => {
      const patch = Array.from(
        { length: times },
        (_, i) => `    - { op: copy, from: /spec, path: /spec/a${i} }\n`,
      );
      return issuesOf(files(patch.join('')));
    };
    expect(doubled(500)).toEqual([
      'o.yaml:17:32 overlay-too-large Overlay/o: copies more than 5000 values (remove the operation)',
    ]);
    expectGrowth(doubled, 500);
  });

  it('changes a manifest that is large by itself', () => {
    const rows = (count: number): string =>
      Array.from({ length: count }, (_, i) => `      - { site: s${i}, agents: ${i} }\n`).join('');
    const table = (items: string): string =>
      'apiVersion: strategos/v1\nkind: DataTable\nmetadata: { name: t }\nspec:\n' +
      '  columns: [{ name: site, type: string }, { name: agents, type: integer }]\n' +
      `  rows:\n    mode: owned\n    items:\n${items}`;
    const changes = (patch: string): string =>
      'apiVersion: strategos/v1\nkind: Overlay\nmetadata: { name: o }\nspec:\n' +
      '  environment: prod\n  target: { kind: DataTable, name: t }\n  patch:\n' +
      patch;
    const first = '    - { op: replace, path: /spec/rows/items/0/agents, value: 7 }\n';
    const all = `    - op: replace\n      path: /spec/rows/items\n      value:\n${rows(3000)}`;
    for (const [items, patch] of [[rows(3000), first] as const, [rows(3), all] as const]) {
      const found = { 't.yaml': table(items), 'o.yaml': changes(patch), 'env.yaml': environment() };
      expect(issuesOf(found)).toEqual([]);
    }
  });

  it('is not blamed for a target that could not be read', () => {
    const all = { ...files('    - { op: remove, path: /spec/fallback }\n'), 's.yaml': 'a: "open' };
    expect(issuesOf(all)).toEqual([
      's.yaml:1:9 yaml-syntax a quoted text has no end (close the quotes)',
    ]);
  });
});

describe('places and values stay together', () => {
  const word = fc.stringMatching(/^[a-z]{1,2}$/);
  const json = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.integer(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(word, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).value;
  const path = fc
    .array(fc.oneof(word, fc.constantFrom('0', '1', '-')), { minLength: 1, maxLength: 3 })
    .map((keys) => pointer(['spec', ...keys]));
  const operation = fc.oneof(
    fc.record({ op: fc.constantFrom('add' as const, 'replace' as const), path, value: json }),
    fc.record({ op: fc.constant('remove' as const), path }),
    fc.record({ op: fc.constantFrom('move' as const, 'copy' as const), path, from: path }),
  ) as fc.Arbitrary<Operation>;

  function everyPointer(value: Json, at = ''): string[] {
    const entries: [string | number, Json][] = Array.isArray(value)
      ? value.map((item, index) => [index, item])
      : isObject(value)
        ? Object.entries(value)
        : [];
    return [at, ...entries.flatMap(([key, item]) => everyPointer(item, at + pointer([key])))];
  }

  it('whatever is applied', () => {
    fc.assert(
      fc.property(json, fc.array(operation, { maxLength: 5 }), (spec, patch) => {
        const read = (value: Json, file: string) =>
          parseSource(source(JSON.stringify(value, null, 1), file)).documents[0]!;
        const target = read({ kind: 'K', spec }, 's');
        const usable = patch.filter(
          (_, i) => 'document' in applyOperations(target.body, patch.slice(0, i + 1)),
        );
        const result = applyOverlay(
          target,
          read({ spec: { patch: usable as unknown as Json } }, 'o'),
        );
        if ('issues' in result) return;
        for (const at of everyPointer(result.body)) {
          const { place } = result.positions.find(at);
          const parent = result.positions.find(at.slice(0, Math.max(0, at.lastIndexOf('/')))).place;
          expect(at === '' || place !== parent || typeof place === 'number').toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
