/** The table of assumptions: what can be said of it without an org. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KEY_KINDS } from '../../src/core/odd-keys.js';
import { referenceTypes } from '../../src/core/normalise.js';
import { covers } from '../../src/core/permission.js';
import { assumptionsFor, checksOf } from '../../src/doctor/checks.js';
import { NEEDS, needsOf, type Uses } from '../../src/doctor/needs.js';
import { unneeded } from '../../src/doctor/permissions.js';
import { doctorMarkdown, doctorText, exitCodeOf } from '../../src/doctor/report.js';
import { KEY_TRIALS } from '../../src/doctor/tables.js';
import type { DoctorReport, OrgCheck, OrgObserved } from '../../src/generated/types.js';
import { reconciledKinds } from '../../src/kinds/index.js';
import { plainStyle } from '../../src/render/style.js';
import { ROUTES } from '../../src/simulator/routes.js';

const BACKENDS = ['datatable', 'strategies-api'] as const;
const PLACE = { backend: 'datatable', listedWithinMs: 60_000 } as const;

function checks(observed: OrgObserved, mode: DoctorReport['mode'] = 'read'): OrgCheck[] {
  return checksOf(observed, new Map(), { ...PLACE, mode });
}

function reportOf(parts: Partial<DoctorReport> = {}): DoctorReport {
  return {
    format: 1,
    version: '0',
    at: '',
    environment: 'e',
    host: 'h',
    backend: 'datatable',
    organization: { id: 'o', name: 'O' },
    mode: 'write',
    requests: 0,
    exitCode: 0,
    table: null,
    left: [],
    checks: [],
    observed: {},
    ...parts,
  };
}

const CHECK: OrgCheck = {
  id: 'row.race',
  assumed: 'a',
  danger: 'high',
  tried: 'write',
  verdict: 'differs',
  found: 'f',
  follows: 'x',
  copes: true,
};

describe.each(BACKENDS)('the assumptions for %s', (backend) => {
  const all = assumptionsFor(backend);

  it('have ids of their own, the most dangerous first, login before all', () => {
    const ids = all.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toBe('login');
    const order = ['high', 'medium', 'low'];
    const dangers = all.map(({ danger }) => order.indexOf(danger));
    expect(dangers).toEqual([...dangers].sort((a, b) => a - b));
  });

  it('are each in docs/doctor.md, as they are here', () => {
    const text = readFileSync(new URL('../../docs/doctor.md', import.meta.url), 'utf8');
    const lines = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    for (const { id, danger, assumed } of all) {
      const line = lines.find(([, first]) => first === `\`${id}\``);
      expect(line?.slice(1, 3), id).toEqual([`\`${id}\``, danger]);
      expect(line?.[3]?.replaceAll('\\', ''), id).toBe(assumed.replaceAll('\\', ''));
    }
  });

  it('cannot be told of an org of which nothing was observed', () => {
    const told = checksOf({}, new Map(), { ...PLACE, backend, mode: 'read' });
    expect(new Set(told.map(({ verdict }) => verdict))).toEqual(new Set(['cannot tell']));
    expect(exitCodeOf(reportOf({ checks: told }))).toBe(0);
  });
});

describe('the permissions', () => {
  it('are those that the endpoints ask for', () => {
    const needed = new Map(NEEDS.flatMap((need) => need.endpoints.map((one) => [one, need])));
    for (const [endpoint, { anyOf }] of needed) {
      const route = ROUTES.find(
        ({ method, pattern }) => `${method} ${pattern.replace(/\{\w+\}/g, '{}')}` === endpoint,
      );
      expect([...(route?.anyOf ?? [])].sort(), endpoint).toEqual([...anyOf].sort());
    }
  });

  it('say what the kind needs that every environment has', () => {
    const own = NEEDS.filter(({ kinds }) => kinds?.includes('RoutingStrategy') === true);
    expect(own.length).toBeGreaterThan(5);
  });

  it('are held by wildcards, and missed by name', () => {
    const role = (permissions: string[]): OrgObserved => ({
      roles: [{ name: 'R', divisions: ['Bonn'], permissions }],
    });
    const of = (observed: OrgObserved): OrgCheck[] =>
      checks(observed).filter(({ id }) => id.startsWith('permission.'));
    expect(of(role(['*:*:*'])).every(({ verdict }) => verdict === 'holds')).toBe(true);
    expect(of(role(['*:*:*']))[0]?.found).toBe('it has it in Bonn alone, from "R"');
    const some = of(role(['architect:*:*']));
    const held = needsOf('datatable').filter(({ anyOf: [one] }) => covers('architect:*:*', one));
    expect(some.filter(({ verdict }) => verdict === 'holds')).toHaveLength(held.length);
    const [missing] = some.filter(({ verdict }) => verdict === 'differs');
    expect(missing?.todo).toContain('add routing:queue:view to its role "R"');
  });

  it('that an answer contradicts are missing, whatever the roles say', () => {
    const observed: OrgObserved = {
      roles: [{ name: 'R', divisions: ['*'], permissions: ['*:*:*'] }],
      forbidden: ['GET /api/v2/routing/queues'],
    };
    const found = checks(observed).find(({ id }) => id === 'permission.plan.routing:queue:view');
    expect(found).toMatchObject({ verdict: 'differs', copes: false });
    expect(exitCodeOf(reportOf({ checks: checks(observed) }))).toBe(6);
  });
});

describe('of manifests that need little', () => {
  const uses = (kinds: string[], types: string[], writes = false): Uses => ({
    kinds: new Set(kinds),
    types: new Set(types),
    writes,
  });
  const wanted = (of: Uses, backend = 'datatable'): string[] =>
    checksOf({ roles: [] }, new Map(), { ...PLACE, backend, mode: 'read', uses: of })
      .filter(({ id, verdict }) => id.startsWith('permission.') && verdict === 'differs')
      .map(({ id }) => id.replace(/^permission\.\w+\./, ''));

  it('the permissions of kinds that nobody declares are not looked at', () => {
    const strategies = wanted(uses(['RoutingStrategy'], ['queue', 'skill']));
    expect(strategies).toContain('routing:queue:view');
    expect(strategies.filter((one) => /:queue:add|wrapup|schedule|flow/.test(one))).toEqual([]);
    // Who declares nothing yet will declare strategies.
    expect(wanted(uses([], []))).toEqual(strategies);
    const skills = wanted(uses(['Skill'], []));
    expect(skills).toEqual(expect.arrayContaining(['routing:skill:view', 'routing:skill:create']));
    expect(skills.filter((one) => /queueMember|utilization|analytics|strategy/.test(one))).toEqual(
      [],
    );
  });

  it('what they refer to has to be found, and no more than that', () => {
    const queues = (types: string[]): string[] => wanted(uses(['Queue'], types));
    const plain = queues([]);
    expect(plain).toEqual(expect.arrayContaining(['routing:queue:view', 'routing:queue:add']));
    expect(queues(['wrap-up code', 'prompt']).filter((one) => !plain.includes(one))).toEqual([
      'routing:wrapupCode:view',
      'architect:userPrompt:view',
    ]);
  });

  it('one backend does not ask for what the other needs, nor reading for what writing does', () => {
    const of = uses(['RoutingStrategy'], ['queue', 'skill']);
    expect(wanted(of).filter((one) => one.startsWith('routing:strategy'))).toEqual([]);
    expect(wanted(of, 'strategies-api')).toContain('routing:strategy:add');
    expect(wanted(of)).not.toContain('architect:datatable:delete');
    expect(wanted({ ...of, writes: true })).toContain('architect:datatable:delete');
  });

  it('are said in one line, with what they would be for', () => {
    const notNeeded = unneeded('datatable', uses(['RoutingStrategy'], ['queue', 'skill']));
    const text = doctorText(reportOf({ notNeeded }), plainStyle);
    const lines = text.split('\n').filter((line) => line.includes('not looked at'));
    expect(lines).toEqual([
      `Not needed by these manifests, and not looked at: ${notNeeded.length} permissions, for ` +
        'DataTable, EmergencyGroup, Language, Queue, Schedule, ScheduleGroup, Skill, SkillGroup, ' +
        'WrapupCode, doctor --write.',
    ]);
    expect(unneeded('datatable', undefined)).toEqual([]);
    // Where queues are declared they need what they name alone, and what is needed is not listed.
    const queues = unneeded('datatable', uses(['Queue', 'DataTable'], ['prompt']));
    expect(queues.flatMap((one) => one.for)).not.toContain('Queue');
    expect(queues).toContainEqual({
      permission: 'architect:flow:view',
      for: ['Queue that names a flow'],
    });
    expect(queues.map(({ permission }) => permission)).not.toContain('architect:datatable:delete');
  });

  it('a kind needs to read what could refer to its objects', () => {
    for (const { name, refType } of reconciledKinds) {
      const holders = reconciledKinds.filter(
        ({ fields, resources }) =>
          refType !== undefined &&
          referenceTypes(fields).some((to) => to === refType) &&
          Object.values(resources).some(({ isListedBriefly }) => isListedBriefly === undefined),
      );
      for (const { name: holder, resources } of holders) {
        const paths = Object.values(resources).flatMap(({ home }) => ('path' in home ? home : []));
        for (const { path } of paths) {
          const need = NEEDS.find(({ endpoints }) => endpoints.includes(`GET ${path}`));
          // What anybody may list needs none.
          if (need === undefined) continue;
          expect([holder, need.kinds], `${name} is held by ${holder}`).toEqual([
            holder,
            expect.arrayContaining([name]),
          ]);
        }
      }
    }
  });

  it('all that kinds refer to and no kind manages has its permission in the table', () => {
    const managed = new Set(reconciledKinds.map(({ refType }) => refType));
    const named = reconciledKinds.flatMap(({ fields }) => [...referenceTypes(fields)]);
    const foreign = new Set(named.filter((to) => !managed.has(to)));
    // Whoever has a token may list these.
    for (const open of ['division', 'group', 'user']) foreign.delete(open);
    const known = NEEDS.flatMap(({ to }) => to ?? []);
    expect([...foreign].filter((to) => !known.includes(to))).toEqual([]);
  });
});

describe('the keys that are tried', () => {
  it('have each what they are about, and nothing that another is about', () => {
    for (const { name, key } of KEY_TRIALS) {
      const kinds = Object.entries(KEY_KINDS).filter(([, pattern]) => pattern.test(key));
      expect(kinds.map(([kind]) => kind)).toEqual([name]);
    }
    expect(KEY_TRIALS.map(({ name }) => name).sort()).toEqual(Object.keys(KEY_KINDS).sort());
  });
});

describe('the exit code', () => {
  const bad = { ...CHECK, copes: false };
  const open: OrgCheck = { ...CHECK, verdict: 'cannot tell', because: 'not answered' };
  it.each([
    ['what is coped with', [CHECK], 0],
    ['what is not coped with', [CHECK, bad], 2],
    ['what could not be told', [CHECK, open], 5],
    ['what was not tried', [{ ...open, because: 'not tried' as const }], 0],
    ['what is not there', [{ ...open, because: 'nothing there' as const }], 0],
    ['both', [open, bad], 2],
    ['a permission for more', [{ ...CHECK, id: 'permission.more.x' }], 0],
    ['a permission for plans', [{ ...bad, id: 'permission.plan.routing:queue:view' }, bad], 6],
    ['nobody let in', [{ ...bad, id: 'login' }], 6],
  ])('of %s', (_, found, expected) => {
    expect(exitCodeOf(reportOf({ checks: found }))).toBe(expected);
  });

  it('of a table that stays', () => {
    expect(exitCodeOf(reportOf({ table: { name: 't', removed: false } }))).toBe(5);
    const left = [{ name: 't', id: '1', state: 'not removed' as const }];
    expect(exitCodeOf(reportOf({ left }))).toBe(5);
  });
});

describe('what people read', () => {
  const evil = '\u001b[2Jx | y <b> @me\n::error::z';
  const report = reportOf({
    organization: { id: 'o', name: evil },
    checks: [{ ...CHECK, found: evil, todo: evil }],
    left: [{ name: evil, id: '1', state: 'there' }],
  });

  it('moves no cursor, begins no line and gives no command', () => {
    const text = doctorText(report, plainStyle);
    expect(text).not.toContain('\u001b');
    expect(text).not.toMatch(/^::error/m);
    expect(text.split('\n')).toHaveLength(9);
  });

  it('stays in its cell', () => {
    const rows = doctorMarkdown(report)
      .split('\n')
      .filter((line) => line.startsWith('| differs'));
    expect(rows).toHaveLength(1);
    expect(rows[0]?.replaceAll('\\|', '').split('|')).toHaveLength(7);
    expect(rows[0]).not.toContain('<b>');
  });
});
