/** What the command line says and does when something is wrong: exit code, message, the world. */
import { mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/core/audit.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { Workplace, type Ended } from '../support/cli.js';
import { schemaCompiler, schemaIn } from '../support/schemas.js';
import { stateIn } from '../support/owned.js';

let place: Workplace;

beforeEach(async () => {
  place = await Workplace.open();
});
afterEach(() => place.close());

/** No stack trace and no secret reaches a user, whatever went wrong. */
function expectCalm({ stdout, stderr }: Ended): void {
  expect(stdout + stderr).not.toMatch(/^\s+at .*\(.*:\d+:\d+\)/m);
  expect(stdout + stderr).not.toMatch(/Bearer|Basic /);
}

async function recordsOf(type: AuditRecord['type']): Promise<AuditRecord[]> {
  const files = (await place.runs()).map((run) => `.strategos/runs/${run}/audit.jsonl`);
  const texts = await Promise.all(files.map((file) => place.read(file)));
  const lines = texts.flatMap((text) => text.trimEnd().split('\n'));
  return lines.map((line) => JSON.parse(line) as AuditRecord).filter((one) => one.type === type);
}

async function strategyCount(): Promise<number> {
  return Object.keys(await place.strategies()).length;
}

describe('an empty text, as of a variable that is not set', () => {
  it.each([
    [['plan', '--runs', ''], '--runs'],
    [['plan', '--dir', ''], '--dir'],
    [['plan', '--env', ''], '--env'],
    [['plan', '--target', 'sales', ''], '--target'],
    [['export', '--out', ''], '--out'],
    [['audit', 'trail', '--user', ''], '--user'],
    [['audit', 'show', ''], 'run'],
    [['validate', ''], 'paths'],
    [['init', ''], 'dir'],
    [['apply', '--yes', '--expect-digest', ''], '--expect-digest'],
    [['ci', 'plan', '--runs', ''], '--runs'],
  ])('is no value: %j', async (args, what) => {
    const before = await readdir(place.dir);
    const ended = await place.strategos([
      ...args,
      ...(args[0] === 'ci' ? [] : ['--format', 'json']),
    ]);
    expect([ended.code, ended.stderr]).toEqual([64, expect.stringContaining(`${what} is empty`)]);
    expect(await readdir(place.dir)).toEqual(before);
    expect(place.simulator.requests()).toBe(0);
  });
});

describe('an option where a value is to stand, as after a variable that is not set', () => {
  it.each([
    [['plan', '--out', '--detailed-exitcode'], '--out'],
    [['plan', '--runs', '--quiet'], '--runs'],
    [['apply', '-e', '--yes'], '--env'],
    [['export', '--target', 'sales', '--out', '--all'], '--out'],
    [['report', '--out', '-e', '--quiet'], '--out'],
    [['ci', 'plan', '--env', 'demo', '--runs', '--dir'], '--runs'],
    [['init', '--owner', '--patience'], '--owner'],
    [['plan', '--out', '--format=json'], '--out'],
    [['plan', '--out', '--help'], '--out'],
  ])('is no value: %j', async (args, what) => {
    const before = await readdir(place.dir);
    const ended = await place.strategos(args);
    expect([ended.code, ended.stderr]).toEqual([64, expect.stringMatching(`${what} has no value`)]);
    expect(await readdir(place.dir)).toEqual(before);
    expect(place.simulator.requests()).toBe(0);
  });

  it('is one where it is none of this command', async () => {
    const ended = await place.strategos(['plan', '--target', '--adopted']);
    expect(ended.stderr).toContain('--target --adopted: neither a manifest');
  });
});

describe('validate of paths and of a folder', () => {
  it('is refused: which of the two is meant is not guessed', async () => {
    const ended = await place.strategos(['validate', 'strategies/billing.yaml', '--dir', 'gone']);
    expect(ended.code).toBe(64);
    expect(ended.stderr).toContain('strategies/billing.yaml');
    expect(ended.stderr).toContain('--dir');
    expect((await place.strategos(['validate', 'strategies/billing.yaml'])).code).toBe(0);
    expect((await place.strategos(['validate', '--dir', 'strategies'])).code).toBe(0);
  });
});

describe('an option that does nothing beside the others', () => {
  const DIGEST = `sha256:${'0'.repeat(64)}`;

  it.each([
    [['export', '--yes'], '--yes'],
    [['doctor', '--yes', '--format', 'json'], '--yes'],
    [['optimize', '--interval', '5'], '--interval'],
    [['optimize', '--rounds', '1', '--interval', '5', '--dry-run'], '--interval'],
    [['rollback', 'latest', '--dry-run', '--expect-digest', DIGEST], '--expect-digest'],
  ])('is refused: %j', async (args, name) => {
    const before = await readdir(place.dir);
    const ended = await place.strategos(args);
    const told = ended.stdout + ended.stderr;
    expect([ended.code, told]).toEqual([
      64,
      expect.stringContaining(`${name} does nothing here: `),
    ]);
    expect(await readdir(place.dir)).toEqual(before);
    expect(place.simulator.requests()).toBe(0);
  });

  it('is let be where it does something', async () => {
    const rounds = ['--rounds', '2', '--interval', '1', '--dry-run'];
    expect((await place.strategos(['export', '--prune', '--yes', '--out', 'out'])).code).toBe(0);
    expect((await place.strategos(['optimize', ...rounds])).code).not.toBe(64);
  });
});

describe('an option that is given twice', () => {
  it.each([
    [['plan', '--env', 'test', '--env', 'prod'], '--env', '"test" and "prod"'],
    [['apply', '--yes', '-e', 'test', '--env=prod'], '--env', '"test" and "prod"'],
    [['plan', '--out', 'a.json', '--out', 'b.json'], '--out', '"a.json" and "b.json"'],
    [['validate', '--dir', 'strategies', '--dir', '.'], '--dir', '"strategies" and "."'],
    [['drift', '--audit-days', '3', '--audit-days', '4'], '--audit-days', '"3" and "4"'],
    [['metrics', '--since', '1h', '--since', '2h'], '--since', '"1h" and "2h"'],
    [['ci', 'plan', '--env', 'test', '--env', 'prod'], '--env', '"test" and "prod"'],
    [['simulator', '--port', '1', '--port', '2'], '--port', '"1" and "2"'],
    [['owner', 'transfer', '--from', 'a', '--to', 'b', '--to', 'c'], '--to', '"b" and "c"'],
  ])('is refused: %j', async (args, name, values) => {
    const before = await readdir(place.dir);
    const ended = await place.strategos(args);
    const said = expect.stringContaining(`${name} is given twice: ${values}`) as string;
    expect([ended.code, ended.stderr]).toEqual([64, said]);
    expect(await readdir(place.dir)).toEqual(before);
    expect(place.simulator.requests()).toBe(0);
  });

  it('is one document where JSON was asked for', async () => {
    const ended = await place.strategos(['plan', '--format', 'json', '-e', 'a', '-e', 'b']);
    expect(ended.code).toBe(64);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'wrong-usage' } });
  });

  it('is right where each use adds one, and where it takes no value', async () => {
    const names = ['--target', 'sales', '--target', 'billing', '--quiet', '--quiet'];
    expect(await place.strategos(['plan', ...names])).toMatchObject({ code: 0 });
    const many = ['--agents', 'Sales=+1', '--agents', 'Billing=+1'];
    const ended = await place.strategos(['predict', ...many]);
    expect(ended.stderr).not.toContain('given twice');
  });
});

describe('an environment that is not there', () => {
  it.each([[['validate']], [['ci', 'validate']], [['plan']], [['ci', 'matrix']]])(
    'is refused by %j, with the one that may be meant',
    async (command) => {
      const ended = await place.strategos([...command, '--env', 'dmo']);
      expect(ended.code).toBe(3);
      expect(ended.stdout + ended.stderr).toContain('there is no Environment named "dmo"');
      expect(ended.stdout + ended.stderr).toContain('did you mean demo?');
      expect(place.simulator.requests()).toBe(0);
    },
  );

  it('is none that a part of the folder has to have, and no part of a chain of logs', async () => {
    const part = ['validate', 'strategies/billing.yaml', '--env', 'demo'];
    expect(await place.strategos(part)).toMatchObject({ code: 0 });
    const slip = await place.strategos(['validate', 'strategies/billing.yaml', '--env', 'dmo']);
    expect([slip.code, slip.stdout]).toEqual([
      3,
      expect.stringContaining('there is no Environment named "dmo"'),
    ]);
    await place.strategos(['plan']);
    expect(await place.strategos(['audit', 'verify', '--env', 'demo'])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--env goes with --org') as string,
    });
  });
});

describe('--out', () => {
  it.each([
    ['plan', 'strategies/billing.yaml'],
    ['doctor', 'strategies/environment.yaml'],
    ['report', 'page.html'],
  ])('of %s writes over nothing of somebody else', async (command, file) => {
    await place.write('page.html', '<!doctype html><title>ours</title>');
    const before = await place.read(file);
    const ended = await place.strategos([command, '--out', file]);
    expect([ended.code, ended.stderr]).toEqual([4, expect.stringContaining('not written over')]);
    expect(await place.read(file)).toBe(before);
    expect(place.simulator.requests()).toBe(0);
  });

  it.each([
    ['plan', 'p.json'],
    ['doctor', 'd.json'],
    ['report', 'r.html'],
  ])('of %s writes over what it has written', async (command, file) => {
    for (const _ of ['once', 'again']) {
      expect((await place.strategos([command, '--out', file])).code).toBe(0);
    }
  });
});

describe('guards', () => {
  it('stand in a line each where several refuse an apply, and in one text for a program', async () => {
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    const { sales } = await place.strategies();
    const target = { id: sales?.targets[0]?.id, priority: 1, weight: 1, capacity: 4 };
    const body = { name: 'extra', status: 'draft', targets: [target] };
    await place.request('POST', '/api/v2/routing/strategies', body);
    const queue = 'targets: [{ queue: Sales, capacity: 4 }]';
    const extra = `apiVersion: strategos/v1\nkind: RoutingStrategy\nmetadata: { name: extra }\n`;
    await place.write('strategies/billing.yaml', `${extra}spec: { ${queue} }\n`);
    for (const file of ['support', 'overlay-demo'])
      await place.write(`strategies/${file}.yaml`, '');
    const ended = await place.strategos(['apply', '--yes', '--quiet']);
    const errors = ended.stderr.split('\n').filter((line) => line.startsWith('error: '));
    expect([ended.code, errors]).toEqual([
      4,
      [
        expect.stringMatching(/^error: 3 of our 4 strategies would be deleted .* pass --force or/),
        expect.stringMatching(/^error: RoutingStrategy\/extra .* pass --adopt or/),
      ],
    ]);
    const json = await place.strategos(['apply', '--yes', '--format', 'json']);
    const { error } = JSON.parse(json.stdout) as { error: { message: string } };
    expect(error.message).toBe(errors.map((line) => line.slice('error: '.length)).join('; '));
    expect(Object.keys(await place.strategies()).sort()).toEqual([
      ...['billing', 'extra', 'optimized-support', 'sales'],
    ]);
  });
});

describe('credentials', () => {
  it('names every missing variable in one message, before any request', async () => {
    const env = { GENESYS_DOMAIN: '', GENESYS_CLIENT_ID: '', GENESYS_CLIENT_SECRET: '' };
    const ended = await place.strategos(['plan'], { env });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain(
      'environment demo: not set: GENESYS_DOMAIN (or spec.host in the Environment manifest), ' +
        'GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET; no request was made',
    );
    expect(place.simulator.requests()).toBe(0);
    expectCalm(ended);
  });

  it.each([['apply', '--yes'], ['optimize', '--rounds', '1'], ['sync']])(
    'of %s names what signs messages to others in the same message',
    async (...args) => {
      const unset = { GENESYS_CLIENT_ID: '', GENESYS_CLIENT_SECRET: '', WFM_SIGNING_SECRET: '' };
      const env = { ...unset, WFM_SYNC_URL: 'https://wfm.example.com/hooks' };
      const ended = await place.strategos(args, { env });
      expect(ended.code).toBe(3);
      expect(ended.stdout + ended.stderr).toContain(
        'environment demo: not set: GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET, WFM_SIGNING_SECRET; ' +
          'no request was made',
      );
      const nowhere = await place.strategos(['sync'], { env: { ...unset, WFM_SYNC_URL: '' } });
      expect(nowhere.stderr).toContain(
        'not set: GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET, WFM_SYNC_URL (or spec.wfm in the ' +
          'Environment manifest), WFM_SIGNING_SECRET; no request was made',
      );
      expect(place.simulator.requests()).toBe(0);
    },
  );

  it.each([
    [{ GENESYS_CLIENT_SECRET: 'demo\n' }, 'GENESYS_CLIENT_SECRET: with a blank or a line end'],
    [
      { GENESYS_CLIENT_ID: ' demo', GENESYS_CLIENT_SECRET: 'demo\r\n' },
      'GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET: with a blank or a line end',
    ],
  ])('says where a blank came along, before any request: %j', async (env, message) => {
    const ended = await place.strategos(['plan'], { env });
    expect([ended.code, ended.stderr]).toEqual([3, expect.stringContaining(message)]);
    expect(place.simulator.requests()).toBe(0);
  });

  it('exits 6 with what the platform said and the correlation id', async () => {
    const ended = await place.strategos(['plan'], { env: { GENESYS_CLIENT_SECRET: 'hunter2' } });
    expect(ended.code).toBe(6);
    expect(ended.stderr).toMatch(
      /POST \/oauth\/token answered 401 invalid_client.*\(correlation id [0-9a-f-]+\)/,
    );
    expect(ended.stdout + ended.stderr).not.toContain('hunter2');
    expectCalm(ended);
  });

  it('exits 6 and names the missing permission when the planner tries to apply', async () => {
    const env = { GENESYS_CLIENT_ID: 'planner', GENESYS_CLIENT_SECRET: 'planner' };
    expect((await place.strategos(['plan'], { env })).code).toBe(0);
    const ended = await place.strategos(['apply', '--yes'], { env });
    expect(ended.code).toBe(6);
    expect(ended.stderr).toContain('architect:datatable:add');
    expect([await strategyCount(), place.simulator.org.tables.size]).toEqual([0, 0]);
    expectCalm(ended);
  });

  it.each([
    [['plan'], ['routing:queue:view', 'routing:skill:view'], ['architect:datatableRow:add']],
    [['apply', '--yes'], ['routing:queue:view', 'architect:datatableRow:add'], ['wrapupCode']],
    [['export', '--all'], ['routing:wrapupCode:view', 'routing:scheduleGroup:view'], [':edit']],
    [['compare', '--from', 'demo', '--to', 'demo'], ['routing:queue:view'], [':edit']],
  ])('%j names at once every permission that is missing for it', async (args, named, others) => {
    await place.close();
    const poor = { id: 'poor', secret: 'poor', permissions: ['architect:datatable:view'] };
    const org = { ...DEMO_ORG, clients: [...DEMO_ORG.clients!, poor] };
    place = await Workplace.open(org, { backend: 'datatable' });
    const env = { GENESYS_CLIENT_ID: 'poor', GENESYS_CLIENT_SECRET: 'poor' };
    const ended = await place.strategos(args, { env });
    expect(ended.code).toBe(6);
    for (const one of named) expect(ended.stderr).toContain(one);
    for (const one of others) expect(ended.stderr).not.toContain(one);
    expectCalm(ended);
  });

  it('exits 6 for a client that may keep records and no strategies, and leaves none', async () => {
    await place.close();
    const mayRead = DEMO_ORG.clients?.find(({ id }) => id === 'planner')?.permissions ?? [];
    const permissions = [...mayRead, 'architect:datatable:*', 'architect:datatableRow:*'];
    const ownership = { id: 'ownership', secret: 'ownership', permissions };
    place = await Workplace.open({ ...DEMO_ORG, clients: [...DEMO_ORG.clients!, ownership] });
    const env = { GENESYS_CLIENT_ID: 'ownership', GENESYS_CLIENT_SECRET: 'ownership' };
    const ended = await place.strategos(['apply', '--yes'], { env });
    expect(ended.code).toBe(6);
    expect(ended.stdout).toContain('routing:strategy:add');
    expect(ended.stdout).toContain('blocked');
    expect(await strategyCount()).toBe(0);
    expect(stateIn(place.simulator.org)).toMatchObject({ records: new Map(), lock: null });
    expectCalm(ended);
  });

  it('exits 7 when nobody answers, and says where it looked', async () => {
    const env = { GENESYS_DOMAIN: 'http://127.0.0.1:1' };
    const ended = await place.strategos(['plan'], { env });
    expect(ended.code).toBe(7);
    expect(ended.stderr).toContain('ECONNREFUSED');
    expectCalm(ended);
  });

  it('does not repeat a password that stands in the address', async () => {
    const env = { GENESYS_DOMAIN: 'https://u:pa55w0rd@mypurecloud.ie' };
    const ended = await place.strategos(['plan'], { env });
    expect(ended.code).toBe(3);
    expect(ended.stdout + ended.stderr).not.toContain('pa55w0rd');
  });

  it('does not send credentials over plain http to another host', async () => {
    const env = { GENESYS_DOMAIN: 'http://example.com' };
    const ended = await place.strategos(['plan'], { env });
    expect(ended.code).toBe(3);
    expectCalm(ended);
  });
});

describe('manifests', () => {
  it('shows all problems of all files at once and exits 3', async () => {
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacityy: 8');
    await place.edit('strategies/support.yaml', 'weight: 1.0', 'weight: .nan');
    const ended = await place.strategos(['validate']);
    expect(ended.code).toBe(3);
    expect(ended.stdout).toMatch(/strategies\/billing\.yaml:13:\d+: error: .*capacityy/);
    expect(ended.stdout).toMatch(/did you mean "?capacity"?/);
    expect(ended.stdout).toMatch(/strategies\/support\.yaml:13:\d+: error: /);
    expectCalm(ended);
    expect((await place.strategos(['plan'])).code).toBe(3);
    expect(place.simulator.requests()).toBe(0);
  });

  it('names the line and the nearest queue when the org does not have one', async () => {
    await place.edit('strategies/support.yaml', 'Support Tier 2', 'Support Teir 2');
    const ended = await place.strategos(['plan']);
    expect(ended.code).toBe(5);
    expect(ended.stdout).toMatch(
      /the org has no queue "Support Teir 2".*strategies\/support\.yaml:14/,
    );
    expect(ended.stdout).toContain('did you mean "Support Tier 2"?');
    expectCalm(ended);
  });

  it('does not follow a link out of the folder', async () => {
    await symlink('/etc/hostname', path.join(place.dir, 'strategies', 'link.yaml'));
    const ended = await place.strategos(['validate']);
    expect(ended.code).toBe(3);
    expect(ended.stdout).toContain('strategies/link.yaml');
    expectCalm(ended);
  });

  it('says so when the folder is not there', async () => {
    const ended = await place.strategos(['plan', '--dir', 'nowhere']);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('nowhere');
    expectCalm(ended);
  });
});

describe('plan files', () => {
  it('refuses a plan when the manifests moved', async () => {
    await place.strategos(['plan', '--out', 'plan.json']);
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    const ended = await place.strategos(['apply', 'plan.json', '--yes']);
    expect(ended.code).toBe(4);
    expect(ended.stderr).toContain('the manifests changed after it was made');
    expect(await strategyCount()).toBe(0);
  });

  it('refuses a plan when a queue that it names was deleted and made again', async () => {
    await place.strategos(['plan', '--out', 'plan.json']);
    const queues = await place.entities('/api/v2/routing/queues?pageSize=500');
    const sales = queues.find(({ name }) => name === 'Sales');
    await place.request('PUT', `/api/v2/routing/queues/${sales!.id}`, { name: 'Sales old' });
    const ended = await place.strategos(['apply', 'plan.json', '--yes']);
    expect(ended.code).toBe(4);
    expect(await strategyCount()).toBe(0);
  });

  it('refuses an edited plan', async () => {
    await place.strategos(['plan', '--out', 'plan.json']);
    await place.edit('plan.json', '"capacity": 8', '"capacity": 80');
    const ended = await place.strategos(['apply', 'plan.json', '--yes']);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('its digest does not match');
    expect(await strategyCount()).toBe(0);
    expectCalm(ended);
  });

  it.each([
    [['apply', '--yes'], 'x'],
    [['apply', '--yes'], 'sha256:5f0c'],
    [['apply', '--yes'], ` sha256:${'0'.repeat(64)}`],
    [['rollback', 'latest', '--yes'], 'sha256:'],
    [['ci', 'apply'], `sha256:${'0'.repeat(63)}`],
  ])('takes no text for a digest that is none: %j %j', async (args, digest) => {
    const ended = await place.strategos([...args, '--expect-digest', digest]);
    expect(ended.code).toBe(64);
    expect(ended.stderr).toContain('sha256: and 64 digits');
    expect(place.simulator.requests()).toBe(0);
  });

  it('applies only the expected digest', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const ended = await place.strategos(['apply', '--yes', '--expect-digest', digest]);
    expect(ended.code).toBe(4);
    expect(await strategyCount()).toBe(0);
    const plan = JSON.parse((await place.strategos(['plan', '--format', 'json'])).stdout);
    const again = await place.strategos(['apply', '--yes', '--expect-digest', plan.digest]);
    expect(again.code).toBe(0);
  });
});

describe('apply', () => {
  it('needs --yes where there is no terminal', async () => {
    const ended = await place.strategos(['apply']);
    expect(ended.code).toBe(64);
    expect(ended.stderr).toContain('--yes');
    expect(place.simulator.requests()).toBe(0);
  });

  it('is stopped by a guard with the arithmetic and the line to change, and by --force not', async () => {
    const many = Array.from({ length: 12 }, (_, at) => strategy(`s${at}`, 'Support Tier 1'));
    await place.write('strategies/many.yaml', many.join('---\n'));
    expect((await place.strategos(['apply', '--yes', '--quiet'])).code).toBe(0);
    await place.write('strategies/many.yaml', many.slice(0, 9).join('---\n'));
    const ended = await place.strategos(['apply', '--yes']);
    expect(ended.code).toBe(4);
    expect(ended.stderr).toContain(
      '3 of our 15 strategies would be deleted (20 %), more than maxDeletes 10 %; ' +
        'pass --force or raise guards.maxDeletes in strategies/environment.yaml:10',
    );
    expect(await strategyCount()).toBe(15);
    expect((await place.strategos(['apply', '--yes', '--force'])).code).toBe(0);
    const [forced] = await recordsOf('forced');
    expect(forced?.outcome?.message).toContain('3 of our 15 strategies would be deleted (20 %)');
    const [refused] = await recordsOf('refused');
    expect(refused?.outcome?.message).toContain('more than maxDeletes 10 %');
    expect(await strategyCount()).toBe(12);
  });

  it('leaves a draft and says why when a check fails; the others go on', async () => {
    await place.close();
    const users = (DEMO_ORG.users ?? []).map((user) => ({
      ...user,
      skills: user.skills?.filter((skill) => skill !== 'Sales') ?? [],
    }));
    place = await Workplace.open({ ...DEMO_ORG, users });
    const ended = await place.strategos(['apply', '--yes']);
    expect(ended.code).toBe(5);
    expect(ended.stdout).toContain(
      '✗ RoutingStrategy/sales failed: created as draft, not activated: ' +
        'skills: Sales: 0 of 3 agents have "Sales"',
    );
    const live = await place.strategies();
    expect(live['sales']?.status).toBe('draft');
    expect(live['billing']?.status).toBe('active');
  });

  it('shows why an activation failed', async () => {
    await place.close();
    const queues = (DEMO_ORG.queues ?? []).map((queue) =>
      queue.name === 'Billing' ? { ...queue, disabled: true } : queue,
    );
    place = await Workplace.open({ ...DEMO_ORG, queues });
    const ended = await place.strategos(['apply', '--yes']);
    expect(ended.code).toBe(5);
    expect(ended.stdout).toMatch(/RoutingStrategy\/billing failed: activation failed: .*Billing/);
    expect((await place.strategies())['billing']?.status).toBe('failed');
  });

  it('stops before anything is sent when the audit log cannot be written', async () => {
    await place.write('blocked', 'a file where the folder of runs should be');
    const ended = await place.strategos(['apply', '--yes', '--runs', 'blocked/runs']);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('the audit log cannot be written');
    expect(await strategyCount()).toBe(0);
    expectCalm(ended);
  });
});

describe('wrong usage', () => {
  it.each([
    { args: ['fly'], message: "unknown command 'fly'" },
    { args: ['plan', '--colour'], message: "unknown option '--colour'" },
    { args: ['plan', '--format', 'xml'], message: 'Allowed choices are text, json' },
    { args: ['plan', '--target', 'bilinng'], message: 'did you mean billing?' },
    { args: ['simulator', '--port', 'http'], message: 'whole number from 0 to 65535' },
  ])('$args exits 64', async ({ args, message }) => {
    const ended = await place.strategos(args);
    expect(ended.stderr).toContain(message);
    expect(ended.code).toBe(64);
    expectCalm(ended);
  });
});

describe('audit verify', () => {
  async function auditFile(): Promise<string> {
    await place.strategos(['apply', '--yes']);
    const [run] = (await place.strategos(['audit', 'show'])).stdout.trim().split('  ');
    return path.join('.strategos', 'runs', run ?? '', 'audit.jsonl');
  }

  it.each([
    {
      what: 'changed',
      forge: (lines: string[]) => lines.map((line) => line.replace('"capacity":8', '"capacity":7')),
      finds: 'was changed after it was written',
    },
    {
      what: 'removed',
      forge: (lines: string[]) => lines.toSpliced(3, 1),
      finds: 'records were removed, inserted or reordered',
    },
    {
      what: 'reordered',
      forge: (lines: string[]) => [lines[1]!, lines[0]!, ...lines.slice(2)],
      finds: 'records were removed, inserted or reordered',
    },
  ])('finds a record that was $what, exit 3', async ({ forge, finds }) => {
    const file = await auditFile();
    const text = await readFile(path.join(place.dir, file), 'utf8');
    await place.write(file, `${forge(text.trimEnd().split('\n')).join('\n')}\n`);
    const ended = await place.strategos(['audit', 'verify']);
    expect(ended.stdout).toContain(finds);
    expect(ended.code).toBe(3);
  });

  it('finds a run that was removed from the middle, but not old ones that were cleared', async () => {
    for (let run = 0; run < 4; run += 1) await place.strategos(['plan', '--quiet']);
    const runs = await place.runs();
    await rm(path.join(place.dir, '.strategos/runs', runs[0]!), { recursive: true });
    expect((await place.strategos(['audit', 'verify'])).code).toBe(0);
    await rm(path.join(place.dir, '.strategos/runs', runs[2]!), { recursive: true });
    const ended = await place.strategos(['audit', 'verify']);
    expect(ended.stdout).toContain(`${runs[2]}: broken: is missing`);
    expect(ended.code).toBe(3);
  });

  it('tells a run that never came to a record from one whose records were removed', async () => {
    const file = await auditFile();
    const folder = '.strategos/runs/20300101T000000000Z-apply-00000000';
    await mkdir(path.join(place.dir, folder));
    await place.write(`${folder}/audit.jsonl`, '');
    const never = await place.strategos(['audit', 'verify']);
    expect([never.code, never.stdout]).toEqual([0, expect.stringContaining('has no record')]);
    await place.strategos(['plan']);
    await place.write(file, '');
    const removed = await place.strategos(['audit', 'verify']);
    expect([removed.code, removed.stdout]).toEqual([3, expect.stringContaining('is missing')]);
  });

  it('has nothing good to say of a folder without runs', async () => {
    const ended = await place.strategos(['audit', 'verify', '--runs', 'tpyo']);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('tpyo: there are no runs to verify');
  });

  it('finds records cut from the end of a run, through the run after it', async () => {
    const file = await auditFile();
    await place.strategos(['plan']);
    const lines = (await place.read(file)).trimEnd().split('\n');
    await place.write(file, `${lines.slice(0, -2).join('\n')}\n`);
    const ended = await place.strategos(['audit', 'verify']);
    expect(ended.stdout).toContain('is missing or changed');
    expect(ended.code).toBe(3);
  });
});

describe('machine output', () => {
  const ajv = schemaCompiler();
  const fits = {
    plan: ajv.compile(schemaIn('plan.schema.json')),
    result: ajv.compile(schemaIn('result.schema.json')),
    record: ajv.compile(schemaIn('audit-record.schema.json')),
  };

  async function json(args: string[], form: keyof typeof fits): Promise<Record<string, unknown>> {
    const { stdout } = await place.strategos([...args, '--format', 'json']);
    const document: unknown = JSON.parse(stdout);
    fits[form](document);
    expect(fits[form].errors ?? []).toEqual([]);
    return document as Record<string, unknown>;
  }

  it('is one document that fits its schema, also for an error', async () => {
    expect(await json(['validate'], 'result')).toMatchObject({ valid: true });
    expect(await json(['plan'], 'plan')).toMatchObject({ format: 1, counts: { create: 3 } });
    const applied = await json(['apply', '--yes'], 'result');
    expect(applied).toMatchObject({ state: 'applied', exitCode: 0 });
    expect(await json(['drift'], 'result')).toMatchObject({ unchanged: 3, drifts: [] });
    expect(await json(['export'], 'result')).toMatchObject({ strategies: 3, written: 4 });
    expect(await json(['audit', 'show'], 'result')).toHaveProperty('runs');
    const { records } = await json(['audit', 'show', String(applied['run'])], 'result');
    for (const record of records as unknown[]) expect(fits.record(record)).toBe(true);
    expect(await json(['audit', 'verify'], 'result')).toMatchObject({ intact: true, problems: [] });
    await place.edit('strategies/billing.yaml', 'kind:', 'kindd:');
    expect(await json(['plan'], 'result')).toMatchObject({ error: { exitCode: 3 } });
    expect(await json(['validate'], 'result')).toMatchObject({ valid: false });
  });

  it('gives the same plan, to the byte, for the same org and manifests', async () => {
    const first = JSON.parse((await place.strategos(['plan', '--format', 'json'])).stdout);
    const second = JSON.parse((await place.strategos(['plan', '--format', 'json'])).stdout);
    expect(second).toEqual(first);
  });
});

function strategy(name: string, queue: string): string {
  return [
    'apiVersion: strategos/v1',
    'kind: RoutingStrategy',
    `metadata: { name: ${name} }`,
    `spec: { targets: [{ queue: ${queue}, capacity: 5 }] }`,
    '',
  ].join('\n');
}
