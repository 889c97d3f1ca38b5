/**
 * An inbound call flow that routes by a strategy of the data table, in the YAML of Archy.
 *
 * It is one task, because an inbound call flow cannot call another and come back. A loop goes
 * through the slots in their order, which is the order of priority, and after the last one to the
 * fallback. A slot is picked when the draw is below its share and no slot of its tier was picked
 * before, so the first such slot of each tier gets its turn; whoever is picked draws anew for the
 * tiers below. A transfer that takes the call ends the flow: what follows is reached only when it
 * failed. docs/call-flow.md says which of this has a source.
 */
import { stringify } from 'yaml';
import type { Json, JsonObject } from '../core/json.js';
import { plural } from '../core/plural.js';

export interface FlowSettings {
  /** Name of the data table. */
  readonly table: string;
  /** The strategy that the flow starts with. */
  readonly strategy: string;
  /** Whether a queue is passed over whose estimated wait is longer than `Flow.PatienceSeconds`. */
  readonly patience?: boolean;
}

/** Where a call goes that no strategy takes; a name to be replaced. */
export const DEFAULT_QUEUE = 'REPLACE with the queue of calls without a strategy';

/**
 * Required skills that the skeleton has a branch for. Eleven queues and twelve skills are 23 of the
 * 25 objects of one type, and of the 100 in all, that one run of a flow may find by name.
 */
export const MOST_SKILLS = 12;

/** The draw is one of so many whole numbers: shares have four decimals. */
const STEPS = 10_000;
const DRAW = `RandomInt(0, ${STEPS - 1})`;
const SLOTS = Array.from({ length: 10 }, (_, index) => String(index + 1).padStart(2, '0'));
/** No target has this priority. */
const NO_PRIORITY = -1;
const NO_VALUE = { noValue: true };
/** A millisecond of silence, where the platform would speak words of its own. */
const SILENCE = 'ToAudioBlank(1)';

/** The text of `call-flow/strategos-inbound.yaml`. */
export function callFlow(settings: FlowSettings): string {
  const { table, strategy, patience = false } = settings;
  const flow = {
    inboundCall: {
      name: 'strategos inbound',
      description: `Routes a call by a strategy of the data table ${table}`,
      defaultLanguage: 'en-us',
      supportedLanguages: { 'en-us': { defaultLanguageSkill: NO_VALUE } },
      startUpRef: '/inboundCall/tasks/task[route]',
      initialGreeting: exp(SILENCE),
      settingsErrorHandling: {
        errorHandling: { disconnect: { none: true } },
        preHandlingAudio: exp(SILENCE),
      },
      variables: variables(strategy, patience),
      tasks: [routeTask(table, patience)],
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
function update(
  name: string,
  ...statements: readonly (readonly [Kind, string, string])[]
): JsonObject {
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

function variables(strategy: string, patience: boolean): JsonObject[] {
  return [
    variable('string', 'Strategy', { lit: strategy }),
    ...(patience ? [variable('integer', 'PatienceSeconds', { lit: PATIENCE_SECONDS })] : []),
    variable('integer', 'Round'),
    variable('integer', 'Slot', { lit: -1 }),
    variable('integer', 'Draw'),
    variable('integer', 'TriedPriority', { lit: NO_PRIORITY }),
    variable('integer', 'SkillCount', { lit: 0 }),
    variable('string', 'QueueName', { lit: '' }),
    ...COLUMNS.map(([, kind, name]) => variable(kind, name)),
  ];
}

/** One lookup, then the strategy, then the flow's own queue. */
function routeTask(table: string, patience: boolean): JsonObject {
  const found = COLUMNS.map(([column, , name]) => [column, { var: `Flow.${name}` }] as const);
  const failure = { errorType: NO_VALUE, errorMessage: NO_VALUE };
  const active = decision('Is the strategy active?', 'Flow.Status == "active"', {
    yes: routing(patience),
  });
  const actions = [
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
  ];
  return { task: { name: 'Route by strategy', refId: 'route', actions } };
}

/** The first draw, then slot by slot; the round after the last target is the fallback's. */
function routing(patience: boolean): Json[] {
  const skills = decision('Does the strategy require skills?', 'IsNotSetOrEmpty(Flow.Skills)', {
    no: [update('Count the skills', ['integer', 'SkillCount', `Count(${SKILLS})`])],
  });
  return [
    update('Draw a number', ['integer', 'Draw', DRAW]),
    skills,
    {
      loop: {
        name: 'Slot by slot',
        currentIndex: { var: 'Flow.Round' },
        loopCount: exp('Flow.Targets + 1'),
        outputs: branches({ loop: round(patience) }),
      },
    },
  ];
}

const SKILLS = 'Split(Flow.Skills, "|")';

/**
 * The flow counts slots by itself, from 0: whether the index of a loop begins at 0 or at 1 has no
 * source that we found.
 */
function round(patience: boolean): Json[] {
  const take = update(
    'Take this target, and draw anew for the tiers below',
    ['integer', 'TriedPriority', inSlot('Priority')],
    ['string', 'QueueName', inSlot('Queue')],
    ['integer', 'Draw', DRAW],
  );
  return [
    update('Go to the next slot', ['integer', 'Slot', 'Flow.Slot + 1'], NO_QUEUE),
    decision('Is it the turn of the fallback?', 'Flow.Slot == Flow.Targets', {
      yes: [
        decision('Is there no fallback?', 'IsNotSetOrEmpty(Flow.FallbackQueue)', {
          no: [update('Take the fallback', ['string', 'QueueName', 'Flow.FallbackQueue'])],
        }),
      ],
      no: [
        decision('Is it the turn of this target?', isTurn(), {
          yes: patience ? [take, shortWait()] : [take],
        }),
      ],
    }),
    decision('Is there no queue to try?', 'IsNotSetOrEmpty(Flow.QueueName)', {
      no: [decision('Does the org have the queue?', `IsSet(${QUEUE})`, { yes: transfers() })],
    }),
  ];
}

const NO_QUEUE = ['string', 'QueueName', '""'] as const;
const QUEUE = 'FindQueue(Flow.QueueName)';

function inSlot(column: 'Queue' | 'Priority' | 'Share'): string {
  const all = SLOTS.map((slot) => `Flow.Target${slot}${column}`);
  return `GetAt(MakeList(${all.join(', ')}), Flow.Slot)`;
}

function isTurn(): string {
  // Half a step away from every share, so that no rounding of the product can turn the answer.
  const drawn = `Flow.Draw + 0.5 < ${inSlot('Share')} * ${STEPS}`;
  return `${inSlot('Priority')} != Flow.TriedPriority and ${drawn}`;
}

/** Seconds that a caller may be told to wait in a target before the next tier gets its turn. */
const PATIENCE_SECONDS = 120;

/** Only of a target: nobody comes after the fallback, which takes a call however long the wait. */
function shortWait(): JsonObject {
  const patience = 'MakeDuration(0, 0, 0, Flow.PatienceSeconds)';
  const short = `FindQueueEstimatedWaitTime(Flow.QueueName) < ${patience}`;
  return decision('Does the org have it?', `IsSet(${QUEUE})`, {
    yes: [
      decision('Is the wait short enough?', short, {
        no: [update('Leave this target to the tiers below', NO_QUEUE)],
      }),
    ],
  });
}

/**
 * Goes on only where a skill is unknown or the transfer failed. The skills of a transfer are as
 * many as were built into it: one transfer for each number.
 */
function transfers(): Json[] {
  return Array.from({ length: MOST_SKILLS + 1 }, (_, count) => withSkills(count));
}

/** A skill that is not found must not be left out: the call would reach agents without it. */
function withSkills(count: number): JsonObject {
  const skills = Array.from(
    { length: count },
    (_, index) => `FindSkill(GetAt(${SKILLS}, ${index}))`,
  );
  const amount = plural(count, 'skill');
  const move = transfer(`Transfer with ${amount}`, exp(QUEUE), skills);
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
      failureTransferAudio: exp(SILENCE),
      targetQueue,
      ...(acdSkills.length === 0 ? {} : { acdSkills }),
      priority: { lit: 0 },
      preferredAgents: NO_VALUE,
      languageSkill: NO_VALUE,
      failureOutputs: { errorType: NO_VALUE, errorMessage: NO_VALUE },
    },
  };
}
