/**
 * An inbound call flow that routes by a strategy of the data table, in the YAML of Archy.
 *
 * It tries the slots in their order, which is the order of priority. A slot is picked when the draw
 * is below its share and no slot of its tier was picked before, so the first such slot of each tier
 * gets its turn. A transfer that takes the call ends the flow: what follows an action is reached
 * only when the transfer failed. docs/call-flow.md says which of this has a source.
 */
import { stringify } from 'yaml';
import type { Json, JsonObject } from '../core/json.js';
import { plural } from '../core/plural.js';

export interface FlowSettings {
  /** Name of the data table. */
  readonly table: string;
  /** The strategy that the flow starts with. */
  readonly strategy: string;
}

/** Where a call goes that no strategy takes; a name to be replaced. */
export const DEFAULT_QUEUE = 'REPLACE with the queue of calls without a strategy';

/** Required skills that the skeleton has a branch for. */
export const MOST_SKILLS = 5;

/** The draw is one of so many whole numbers: shares have four decimals. */
const STEPS = 10_000;
const SLOTS = Array.from({ length: 10 }, (_, index) => String(index + 1).padStart(2, '0'));
/** No target has this priority. */
const NO_PRIORITY = -1;
const NO_VALUE = { noValue: true };

/** The text of `call-flow/strategos-inbound.yaml`. */
export function callFlow({ table, strategy }: FlowSettings): string {
  const flow = {
    inboundCall: {
      name: 'strategos inbound',
      description: `Routes a call by a strategy of the data table ${table}`,
      defaultLanguage: 'en-us',
      startUpRef: taskReference('route'),
      initialGreeting: exp('ToAudioBlank(1)'),
      settingsErrorHandling: { errorHandling: { disconnect: { none: true } } },
      variables: variables(strategy),
      tasks: [routeTask(table), pickTask(), transferTask()],
    },
  };
  // In YAML 1.1, which some readers still speak, a bare yes is a boolean: 1.1 quotes it. What is
  // said twice stands there twice: people will edit one of them.
  const form = { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false } as const;
  return `${HEADER}${stringify(flow, form)}`;
}

const HEADER = `# A skeleton: it was not tried on a live org, and Archy has not checked it.
# docs/call-flow.md of strategos explains each step, and which of it has a source.
#
# Before you publish it with Archy or rebuild it in Architect:
#   1. run "strategos apply" once: it makes the data table that is looked up here;
#   2. replace the queue whose name begins with REPLACE;
#   3. say in Flow.Strategy which strategy routes the calls;
#   4. set what happens on an error, in the flow's settings: here the call is disconnected.
`;

function exp(text: string): JsonObject {
  return { exp: text };
}

function taskReference(id: string): string {
  return `/inboundCall/tasks/task[${id}]`;
}

function task(name: string, refId: string, actions: readonly Json[]): JsonObject {
  return { task: { name, refId, actions: [...actions] } };
}

function decision(name: string, condition: string, outputs: Record<string, Json[]>): JsonObject {
  return { decision: { name, condition: exp(condition), outputs: branches(outputs) } };
}

function branches(outputs: Record<string, Json[]>): JsonObject {
  return Object.fromEntries(Object.entries(outputs).map(([name, actions]) => [name, { actions }]));
}

type Kind = 'string' | 'integer' | 'decimal' | 'queue';

function variable(kind: Kind, name: string, initialValue: JsonObject = NO_VALUE): JsonObject {
  return { [`${kind}Variable`]: { name: `Flow.${name}`, initialValue } };
}

/** `[kind, name, value]` of each statement; the value is an expression. */
function update(name: string, ...statements: readonly [Kind, string, string][]): JsonObject {
  return {
    updateData: {
      name,
      statements: statements.map(([kind, target, value]) => ({
        [kind]: { variable: `Flow.${target}`, value: exp(value) },
      })),
    },
  };
}

/** The columns that the flow reads, and the variables that it reads them into. */
const COLUMNS: readonly (readonly [column: string, kind: Kind, name: string])[] = [
  ['status', 'string', 'Status'],
  ['skills', 'string', 'Skills'],
  ['targets', 'integer', 'Targets'],
  ['fallback_queue', 'string', 'FallbackQueue'],
  ...SLOTS.flatMap((slot): [string, Kind, string][] => [
    [`target_${slot}_queue`, 'string', `Target${slot}Queue`],
    [`target_${slot}_priority`, 'integer', `Target${slot}Priority`],
    [`target_${slot}_share`, 'decimal', `Target${slot}Share`],
  ]),
];

function variables(strategy: string): JsonObject[] {
  return [
    variable('string', 'Strategy', { lit: strategy }),
    variable('integer', 'Draw'),
    variable('integer', 'TriedPriority', { lit: NO_PRIORITY }),
    variable('integer', 'SkillCount'),
    variable('string', 'QueueName'),
    variable('queue', 'Queue'),
    ...COLUMNS.map(([, kind, name]) => variable(kind, name)),
  ];
}

/** Where the flow starts: one lookup, then the strategy, then the flow's own queue. */
function routeTask(table: string): JsonObject {
  const found = COLUMNS.map(([column, , name]) => [column, { var: `Flow.${name}` }] as const);
  const failure = { errorType: NO_VALUE, errorMessage: NO_VALUE };
  const pick = { callTask: { name: 'Pick a queue', targetTaskRef: taskReference('pick') } };
  const active = decision('Is the strategy active?', 'Flow.Status == "active"', { yes: [pick] });
  return task('Route by strategy', 'route', [
    {
      dataTableLookup: {
        name: 'Look the strategy up',
        lookupValue: exp('Flow.Strategy'),
        dataTable: {
          [table]: { foundOutputs: Object.fromEntries(found), failureOutputs: failure },
        },
        outputs: branches({ found: [active] }),
      },
    },
    transfer('Transfer to the default queue', { lit: { name: DEFAULT_QUEUE } }, []),
    { disconnect: { name: 'Disconnect' } },
  ]);
}

/** One draw for the whole call, then slot by slot, then the fallback. */
function pickTask(): JsonObject {
  const count = 'If(IsNotSetOrEmpty(Flow.Skills), 0, Count(Split(Flow.Skills, "|")))';
  const attempt = {
    callTask: { name: 'Transfer to it', targetTaskRef: taskReference('transfer') },
  };
  return task('Pick a queue', 'pick', [
    update(
      'Draw a number, count the skills',
      ['integer', 'Draw', `RandomInt(0, ${STEPS - 1})`],
      ['integer', 'SkillCount', count],
    ),
    ...SLOTS.map((slot, index) =>
      decision(`Turn of target ${slot}?`, isTurnOf(slot, index), {
        yes: [
          update(
            `Take target ${slot}`,
            ['integer', 'TriedPriority', `Flow.Target${slot}Priority`],
            ['string', 'QueueName', `Flow.Target${slot}Queue`],
          ),
          attempt,
        ],
      }),
    ),
    decision('Is there no fallback?', 'IsNotSetOrEmpty(Flow.FallbackQueue)', {
      no: [update('Take the fallback', ['string', 'QueueName', 'Flow.FallbackQueue']), attempt],
    }),
    END,
  ]);
}

function isTurnOf(slot: string, index: number): string {
  return [
    `Flow.Targets > ${index}`,
    `Flow.Target${slot}Priority != Flow.TriedPriority`,
    // Half a step away from every share, so that no rounding of the product can turn the answer.
    `Flow.Draw + 0.5 < Flow.Target${slot}Share * ${STEPS}`,
  ].join(' and ');
}

/** Returns only where the queue is gone, a skill is unknown or the transfer failed. */
function transferTask(): JsonObject {
  const counts = Array.from({ length: MOST_SKILLS + 1 }, (_, count) => count);
  return task('Transfer to a queue', 'transfer', [
    {
      findQueue: {
        name: 'Find the queue',
        findName: exp('Flow.QueueName'),
        findResult: { var: 'Flow.Queue' },
        outputs: branches({ found: counts.map(withSkills) }),
      },
    },
    END,
  ]);
}

/** A skill that is not found must not be left out: the call would reach agents without it. */
function withSkills(count: number): JsonObject {
  const skills = Array.from(
    { length: count },
    (_, index) => `FindSkill(GetAt(Split(Flow.Skills, "|"), ${index}))`,
  );
  const amount = plural(count, 'skill');
  const move = transfer(`Transfer with ${amount}`, exp('Flow.Queue'), skills);
  const known = skills.map((skill) => `IsSet(${skill})`).join(' and ');
  const guarded = decision(`Does the org have all of ${amount}?`, known, { yes: [move] });
  return decision(`Does the strategy require ${amount}?`, `Flow.SkillCount == ${count}`, {
    yes: [count === 0 ? move : guarded],
  });
}

function transfer(name: string, targetQueue: JsonObject, skills: readonly string[]): JsonObject {
  const acdSkills = skills.map((skill) => ({ acdSkill: exp(skill) }));
  return {
    transferToAcd: {
      name,
      targetQueue,
      ...(acdSkills.length === 0 ? {} : { acdSkills }),
      priority: { lit: 0 },
      preferredAgents: NO_VALUE,
      languageSkill: NO_VALUE,
      failureOutputs: { errorType: NO_VALUE, errorMessage: NO_VALUE },
    },
  };
}

const END: JsonObject = { endTask: { name: 'End task', outputPath: { name: 'default' } } };
