/** One assumption a permission: that the OAuth client has it. */
import { groupedBy } from '../core/grouped.js';
import { covers } from '../core/permission.js';
import type { DoctorReport, OrgObserved } from '../generated/types.js';
import { differs, holds } from './assumption.js';
import type { Assumption, Danger, Judgement, Place } from './assumption.js';
import { isNeeded, looks, NEEDS, needsOf, usersOf } from './needs.js';
import type { Need, Purpose, Uses } from './needs.js';

const DANGER: Readonly<Record<Purpose, Danger>> = {
  plan: 'high',
  apply: 'high',
  more: 'medium',
  doctor: 'low',
};

export function permissionsFor(backend: string): Assumption[] {
  return needsOf(backend).map((need) => ({
    id: idOf(need),
    need,
    danger: DANGER[need.for],
    tried: 'read',
    assumed: `the OAuth client has ${need.anyOf[0]}, to ${infinitive(need.use)}`,
    judge: (observed) => judged(need, observed, backend),
  }));
}

/** `metrics` is no verb. */
function infinitive(use: string): string {
  return /^(metrics)/.test(use) ? `show ${use}` : use;
}

function idOf({ for: purpose, anyOf: [wanted] }: Need): string {
  return `permission.${purpose}.${wanted}`;
}

/** Ids of those for want of which no plan or no apply can be made. */
export const REQUIRED: ReadonlySet<string> = new Set(
  NEEDS.filter((need) => need.for === 'plan' || need.for === 'apply').map(idOf),
);

function judged(need: Need, observed: OrgObserved, backend: string): Judgement | null {
  const { roles, forbidden = [] } = observed;
  const refused = need.endpoints.find((one) => forbidden.includes(one));
  const giving = (roles ?? []).filter(({ permissions }) => has(permissions, need));
  if (refused === undefined && giving.length > 0) {
    const divisions = [...new Set(giving.flatMap((role) => role.divisions))];
    const where = divisions.includes('*') ? '' : ` in ${divisions.join(', ')} alone`;
    return holds(`it has it${where}, from ${giving.map(({ name }) => `"${name}"`).join(', ')}`);
  }
  if (refused === undefined && roles === undefined) return null;
  const [wanted] = need.anyOf;
  const found =
    refused === undefined
      ? 'no role of it has it'
      : `${refused} answered 403${giving.length > 0 ? ', though a role has it' : ''}`;
  return differs(found, {
    follows: need.without,
    copes: need.for === 'more' || need.for === 'doctor',
    todo:
      `add ${wanted} to ${roleFor(roles ?? [], backend)} ` +
      '(Admin > Integrations > OAuth shows the roles of the client)',
  });
}

function has(permissions: readonly string[], { anyOf }: Need): boolean {
  return anyOf.some((needed) => permissions.some((held) => covers(held, needed)));
}

/**
 * Permissions that these roles do not have and what is asked for needs, those first that all of it
 * waits for: of what looks only, those to look with.
 */
export function lacking(
  roles: NonNullable<OrgObserved['roles']>,
  { backend, uses, writes }: Pick<Place, 'backend'> & { uses: Uses; writes: boolean },
): readonly string[] {
  const needs = needsOf(backend).filter(
    (need) =>
      isNeeded(need, uses) &&
      (writes || looks(need)) &&
      !roles.some(({ permissions }) => has(permissions, need)),
  );
  return [...new Set(needs.map(({ anyOf: [permission] }) => permission))];
}

/** Permissions that nothing here needs, and what they are for. */
export function unneeded(backend: string, uses: Uses | undefined): NotNeeded {
  if (uses === undefined) return [];
  const all = needsOf(backend);
  const needed = new Set(
    all.filter((need) => isNeeded(need, uses)).map(({ anyOf: [permission] }) => permission),
  );
  const needs = all.filter(({ anyOf: [permission] }) => !needed.has(permission));
  const byName = groupedBy(needs, ({ anyOf: [permission] }) => permission);
  return [...byName].map(([permission, of]) => ({
    permission,
    for: [...new Set(of.flatMap((need) => usersOf(need, uses.kinds)))].sort(),
  }));
}

type NotNeeded = NonNullable<DoctorReport['notNeeded']>;

/** The one that has most of what is needed already. */
function roleFor(roles: NonNullable<OrgObserved['roles']>, backend: string): string {
  const needs = needsOf(backend);
  const scores = roles.map(({ name, permissions }) => ({
    name,
    score: needs.filter((need) => has(permissions, need)).length,
  }));
  scores.sort((a, b) => b.score - a.score);
  const [best] = scores;
  return best === undefined ? 'a role of this OAuth client' : `its role "${best.name}"`;
}
