/**
 * "Adding a kind" in docs/architecture.md is true: a toy is added by it to a copy of the sources,
 * and nothing else is touched there; the command line of that copy then reconciles one.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GONE } from '../support/gone.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'strategos-recipe-'));
const recipe = (/### Adding a kind\n([\s\S]*?)(?=\n##|$)/.exec(
  readFileSync(path.join(ROOT, 'docs/architecture.md'), 'utf8'),
) ?? ['', ''])[1];

const KIND = `import type { Kind } from '../../core/kind.js';
import { platformEntity, wholeUpdate } from '../platform-entity.js';

export const toy: Kind = {
  name: 'Toy',
  noun: { one: 'toy', many: 'toys' },
  fields: {
    type: 'record',
    fields: {
      description: { type: 'scalar' },
      division: { type: 'reference', to: 'division', isNamed: true, forceNew: true },
    },
  },
  identity: [],
  rules: () => [],
  toSpec: (fields) => fields,
  resources: {
    platform: platformEntity({
      path: '/api/v2/routing/toys',
      pageSize: 100,
      texts: ['description'],
      hasDivision: true,
      update: wholeUpdate,
      audit: { service: 'Routing', entityType: 'Toy' },
      consumers: 'TOY',
    }),
  },
};
`;

const SIMULATED = `const TOYS: Sort = {
  ...WRAPUP_CODES,
  what: 'Toy',
  path: '/api/v2/routing/toys',
  parameter: 'toyId',
  entityType: 'Toy',
};

`;

const SCRIPT = `import { run } from './src/cli/program.js';
import { realWorld } from './src/cli/world.js';
import { rmSync, writeFileSync } from 'node:fs';
import { startSimulator } from './src/simulator/http.js';
import { createOrg } from './src/simulator/org.js';
import { DEMO_ORG } from './src/simulator/demo-org.js';

const simulator = await startSimulator({ org: createOrg(DEMO_ORG) });
const env = { GENESYS_DOMAIN: simulator.url, GENESYS_CLIENT_ID: 'demo', GENESYS_CLIENT_SECRET: 'demo' };
const ended = [];
const does = async (...args) => {
  let said = '';
  const say = (text) => (said += text);
  const code = await run(args, { ...realWorld(), env, out: say, err: say, onInterrupt: () => () => {} });
  ended.push([args[0], code, said]);
};
const declare = (description, division = 'Home', more = '') =>
  writeFileSync('strategies/toy.yaml', \`apiVersion: strategos/v1
kind: Toy
metadata: { name: Bear\${more} }
spec: { description: \${description}, division: \${division} }
\`);
declare('soft');
await does('apply', '--yes');
await does('plan', '--detailed-exitcode');
declare('softer');
await does('apply', '--yes');
await does('plan', '--detailed-exitcode');
declare('softer', '"*"');
await does('plan', '--detailed-exitcode');
declare('softer', '"*"', ', replace: true');
await does('apply', '--yes', '--force');
await does('plan', '--detailed-exitcode');
rmSync('strategies/toy.yaml');
await does('apply', '--yes', '--force');
await does('plan', '--detailed-exitcode');
await simulator.close();
console.log(JSON.stringify(ended));
`;

/** A step of the recipe: the file that it names, in which one text takes the place of another. */
function step(file: string, ...edits: readonly (readonly [string, string])[]): void {
  expect(recipe, 'the recipe names every file that is touched').toContain(file);
  const at = path.join(folder, file);
  let text = readFileSync(at, 'utf8');
  for (const [from, to] of edits) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  writeFileSync(at, text);
}

function ran(...args: readonly string[]): string {
  const ended = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  expect([ended.status, ended.stderr]).toEqual([0, '']);
  return ended.stdout;
}

beforeAll(() => {
  for (const part of ['src', 'schemas', 'package.json']) {
    cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  }
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, GONE));

describe('the recipe', () => {
  it('adds a kind that is made, changed, made again and deleted', { timeout: 120_000 }, () => {
    const like = readFileSync(path.join(ROOT, 'schemas/wrapup-code.schema.json'), 'utf8');
    const named = like.replaceAll('WrapupCode', 'Toy').replaceAll('wrap-up code', 'toy');
    // Where a field cannot be changed, whoever wants it makes the object again.
    const schema = named.replace(
      '"adopt": {',
      '"replace": { "$ref": "definitions.json#/$defs/replace" },\n        "adopt": {',
    );
    writeFileSync(path.join(folder, 'schemas/toy.schema.json'), schema);
    mkdirSync(path.join(folder, 'src/kinds/toy'));
    writeFileSync(path.join(folder, 'src/kinds/toy/index.ts'), KIND);
    step(
      'src/kinds/index.ts',
      ['import { skill }', "import { toy } from './toy/index.js';\nimport { skill }"],
      ['  Skill: skill,\n', '  Skill: skill,\n  Toy: toy,\n'],
    );
    step('src/simulator/named-things.ts', [
      'export const NAMED_THINGS: readonly Sort[] = [',
      `${SIMULATED}export const NAMED_THINGS: readonly Sort[] = [TOYS, `,
    ]);
    const environment = readFileSync(path.join(ROOT, 'strategies/environment.yaml'), 'utf8');
    mkdirSync(path.join(folder, 'strategies'));
    writeFileSync(path.join(folder, 'strategies/environment.yaml'), environment);
    writeFileSync(path.join(folder, 'script.ts'), SCRIPT);
    ran('-e', `import('./schemas/generate.mjs').then((made) => made.writeValidators())`);
    const ended = JSON.parse(ran('--import', 'tsx', 'script.ts')) as [string, number, string][];
    expect(ended.map(([command, code]) => [command, code])).toEqual([
      ...[
        ['apply', 0],
        ['plan', 0],
        ['apply', 0],
        ['plan', 0],
        ['plan', 5],
        ['apply', 0],
        ['plan', 0],
        ['apply', 0],
        ['plan', 0],
      ],
    ]);
    const said = ended.map(([, , text]) => text);
    expect([said[0], said[2], said[4], said[5], said[7]]).toEqual([
      expect.stringContaining('Toy/Bear created'),
      expect.stringContaining('Toy/Bear updated'),
      expect.stringContaining('division cannot be changed'),
      expect.stringContaining('Toy/Bear replaced'),
      expect.stringContaining('Toy/Bear deleted'),
    ]);
  });
});
