/**
 * The same steps with everything that strategies decide between: queues with members, codes and
 * rings, skill groups, emergency groups and data tables with rows; people who edit them, rollbacks,
 * and an environment whose backend is another from one day on.
 */
import type { JsonObject } from '../../src/core/json.js';
import type { Random } from '../../src/engine/ports.js';
import { seededRandom, wholeBetween } from '../../src/simulator/chance.js';
import { THEIRS, type Hand } from './hands.js';
import type { Runner, Step } from './history.js';

type Specs = Readonly<Record<string, JsonObject>>;

export const USERS = ['Ada', 'Bob', 'Cid', 'Dee', 'Eve', 'Flo'];
const QUEUES = ['Q1', 'Q2', 'Q3'];
const GROUPS = ['G1', 'G2'];
/** Rows of the first are ours, of the second ours at first, of the third nobody's here. */
const TABLES = { T1: 'owned', T2: 'seed', T3: null } as const;

const BY_HAND = [
  ...QUEUES.map((name) => `Queue/${name}`),
  ...GROUPS.map((name) => `SkillGroup/${name}`),
  ...Object.keys(TABLES).map((name) => `DataTable/${name}`),
  ...['EmergencyGroup/E1', 'WrapupCode/Spare'],
  ...['Queue', 'SkillGroup', 'EmergencyGroup', 'DataTable'].map((kind) => `${kind}/${THEIRS}`),
];

export function furnished(seed: number, steps: readonly Step[]): Step[] {
  const random = seededRandom(`history/${seed}/furnished`);
  const out: Step[] = [];
  let commits = 0;
  for (const step of steps) {
    if (step.do === 'commit' && step.folder !== 'neighbours') {
      out.push({ ...step, specs: furnishing(random, step.specs, commits) });
      commits += 1;
      continue;
    }
    if (step.do !== 'apply') {
      out.push(step);
      continue;
    }
    while (chance(random, 0.4)) out.push({ do: 'hand', hand: drawHand(random) });
    const hand = { ...drawHand(random), atMoment: wholeBetween(random, 1, MOMENTS) };
    const isMet = step.runner.hand === undefined && chance(random, 0.4);
    const runner = later(random, step.runner);
    out.push({ ...step, runner: isMet ? { ...runner, hand } : runner });
    if (chance(random, 0.35)) out.push(drawRollback(random));
    if (chance(random, 0.08)) out.push({ do: 'backend' });
  }
  return out;
}

/** A run that has more to do has more moments. */
const MOMENTS = 600;

function later(random: Random, runner: Runner): Runner {
  const { killAt } = runner.misfortune;
  if (killAt === undefined || chance(random, 0.3)) return runner;
  return { ...runner, misfortune: { ...runner.misfortune, killAt: killAt * 4 } };
}

function drawRollback(random: Random): Step {
  const killAt = wholeBetween(random, 1, MOMENTS);
  const runner: Runner = {
    misfortune: chance(random, 0.5) ? { killAt } : {},
    patienceMs: one(random, [0, 5000]),
    force: chance(random, 0.7),
    machine: 'A',
    ...(chance(random, 0.3)
      ? { hand: { ...drawHand(random), atMoment: wholeBetween(random, 1, MOMENTS) } }
      : {}),
  };
  return { do: 'rollback', back: wholeBetween(random, 1, 2), runner };
}

function drawHand(random: Random): Hand {
  const what = one(random, ['make', 'delete', 'rename', 'edit', 'part', 'part'] as const);
  return { what, thing: one(random, BY_HAND), value: random.next() };
}

function furnishing(random: Random, strategies: Specs, commits: number): Specs {
  const queues = QUEUES.filter(() => chance(random, 0.6));
  const groups = GROUPS.filter(() => chance(random, 0.5));
  const skills = Object.keys(strategies).flatMap((name) =>
    name.startsWith('Skill/') ? name.slice('Skill/'.length) : [],
  );
  const out: Record<string, JsonObject> = {};
  for (const [name, spec] of Object.entries(strategies)) {
    const text = JSON.stringify(spec);
    const isMoved = !name.includes('/') && queues.length > 0 && chance(random, 0.5);
    const moved = text.replaceAll('"queue":"Delta"', `"queue":"${one(random, [...queues, 'x'])}"`);
    const isOne = isMoved && !moved.includes('"queue":"x"');
    out[name] = isOne ? (JSON.parse(moved) as JsonObject) : spec;
  }
  for (const name of groups) out[`SkillGroup/${name}`] = drawGroup(random, [...skills, 'Voice']);
  for (const code of ['Solved', 'Callback']) out[`WrapupCode/${code}`] ??= {};
  if (chance(random, 0.5)) out['WrapupCode/Spare'] = {};
  for (const name of queues) {
    out[`Queue/${name}`] = drawQueue(random, { backups: queues, groups, skills });
  }
  if (chance(random, 0.5)) out['EmergencyGroup/E1'] = drawEmergency(random);
  for (const [name, mode] of Object.entries(TABLES)) {
    if (!chance(random, 0.5)) continue;
    out[`DataTable/${name}`] = drawTable(random, mode, queues, commits);
  }
  return out;
}

function drawGroup(random: Random, skills: readonly string[]): JsonObject {
  const terms = [one(random, skills)].map((routingSkill) => ({
    routingSkill,
    comparator: one(random, ['GreaterThan', 'EqualTo']),
    proficiency: wholeBetween(random, 1, 4),
  }));
  return {
    description: one(random, ['one', 'two']),
    skillConditions: [
      { operation: 'And', routingSkillConditions: terms, languageSkillConditions: [] },
    ],
  };
}

function drawEmergency(random: Random): JsonObject {
  return {
    description: one(random, ['one', 'two']),
    ...(chance(random, 0.4) ? { enabled: chance(random, 0.5) } : {}),
  };
}

interface Around {
  readonly backups: readonly string[];
  readonly groups: readonly string[];
  readonly skills: readonly string[];
}

/** What a manifest says nothing of stays: whatever refers to something is said every time. */
function drawQueue(random: Random, { backups, groups, skills }: Around): JsonObject {
  const some = <T>(of: readonly T[], rate: number): T[] => of.filter(() => chance(random, rate));
  const rings = Array.from({ length: one(random, [0, 0, 2, 3]) }, () => ({
    expandAfterSeconds: one(random, [10, 20]),
    skillsToRemove: some(skills, 0.2),
    skillGroups: some(groups, 0.3),
  }));
  const [users, codes] = [some(USERS, 0.4), some(['Solved', 'Callback'], 0.5)];
  const members = users.map((user): JsonObject | string => {
    const email = `${user.toLowerCase()}@example.com`;
    if (!chance(random, 0.5)) return email;
    return { user: email, ring: wholeBetween(random, 1, Math.max(1, rings.length)) };
  });
  const seconds = wholeBetween(random, 8, 12);
  return {
    ...(chance(random, 0.5) ? { description: one(random, ['one', 'two']) } : {}),
    ...(chance(random, 0.6)
      ? { mediaSettings: { call: { alertingTimeoutSeconds: seconds } } }
      : {}),
    ...(chance(random, 0.3) ? { skillEvaluationMethod: one(random, ['ALL', 'BEST']) } : {}),
    rings,
    directRouting: { backupQueue: one(random, [...backups, null]), agentWaitSeconds: 60 },
    skillGroups: some(groups, 0.4),
    ...inMode(random, 'wrapupCodes', codes),
    ...inMode(random, 'members', members),
  };
}

/** Exactly these, at least these, or not a word. */
function inMode(random: Random, field: string, items: JsonObject[string][]): JsonObject {
  const mode = one(random, ['none', 'list', 'include'] as const);
  if (mode === 'none') return {};
  return { [field]: mode === 'list' ? items : { include: items } };
}

/** A column is added on some day, and none goes. */
function drawTable(
  random: Random,
  mode: 'owned' | 'seed' | null,
  queues: readonly string[],
  commits: number,
): JsonObject {
  const columns = [
    { name: 'site', type: 'string' },
    { name: 'note', type: 'string' },
    ...(mode === 'owned' ? [{ name: 'queue', type: 'string', references: 'Queue' }] : []),
    ...(commits > 0 ? [{ name: 'count', type: 'integer' }] : []),
  ];
  const said = { description: one(random, ['one', 'two']), columns };
  if (mode === null) return said;
  const most = one(random, [0, 3, 12]);
  const items = Array.from({ length: most }, (_, index) => `r${index}`)
    .filter(() => chance(random, 0.8))
    .map((site) => ({
      site,
      note: one(random, ['one', 'two']),
      ...(mode === 'owned' && queues.length > 0 ? { queue: one(random, queues) } : {}),
      ...(commits > 0 ? { count: wholeBetween(random, 1, 9) } : {}),
    }));
  return { ...said, rows: { mode, items } };
}

function chance(random: Random, rate: number): boolean {
  return random.next() < rate;
}

function one<T>(random: Random, of: readonly T[]): T {
  return of[wholeBetween(random, 0, of.length - 1)]!;
}
