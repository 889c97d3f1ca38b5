/** The table of assumptions: what can be said of it without an org. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KEY_KINDS } from '../../src/core/odd-keys.js';
import { covers } from '../../src/core/permission.js';
import { assumptionsFor, checksOf } from '../../src/doctor/checks.js';
import { NEEDS, needsOf } from '../../src/doctor/needs.js';
import { doctorMarkdown, doctorText, exitCodeOf } from '../../src/doctor/report.js';
import { KEY_TRIALS } from '../../src/doctor/tables.js';
import type { DoctorReport, OrgCheck, OrgObserved } from '../../src/generated/types.js';
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
