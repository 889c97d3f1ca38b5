/**
 * The fields of a Queue, under the names that the platform gives them where it has one. What it has
 * as plain lists is numbered here, from 1: the order of rings and of rules is what they mean.
 */
import type { ReferenceTo } from '../../core/catalog.js';
import type { Field, ListField, RecordField, ReferenceField, SetField } from '../../core/fields.js';

const scalar = { type: 'scalar' } as const;

/** The platform says the name along with the id: the others are listed only where named. */
const named = (to: ReferenceTo): ReferenceField => ({ type: 'reference', to, isNamed: true });

const setOf = (to: ReferenceTo): SetField => ({ type: 'set', of: named(to) });

const record = (fields: Readonly<Record<string, Field>>): RecordField => ({
  type: 'record',
  fields,
});

const scalars = (...names: readonly string[]): Record<string, Field> =>
  Object.fromEntries(names.map((name) => [name, scalar]));

const numbered = (number: string, fields: Readonly<Record<string, Field>>): ListField => ({
  type: 'list',
  key: number,
  order: { by: number },
  itemsLieOver: true,
  item: record({ [number]: scalar, ...fields }),
});

/** The platform has one list of all three, each with its sort. */
const GROUPS = {
  groups: setOf('group'),
  skillGroups: setOf('skill group'),
  teams: setOf('team'),
};

/** Known by ids alone: nothing lists them by a name. */
const byId = record(scalars('id'));

const CONDITIONS = numbered('condition', {
  simpleMetric: record({ ...scalars('metric'), queue: named('queue') }),
  ...scalars('operator', 'value'),
});
const ACTIVATED_BY = { conditions: CONDITIONS, ...scalars('conditionExpression') };

const MEDIUM = {
  ...scalars('alertingTimeoutSeconds', 'enableAutoAnswer'),
  ...scalars('autoAnswerAlertToneSeconds', 'manualAnswerAlertToneSeconds'),
  serviceLevel: record(scalars('percentage', 'durationSeconds')),
};

const CALLBACK = {
  ...scalars('mode', 'enableAutoDialAndEnd', 'autoDialDelaySeconds', 'autoEndDelaySeconds'),
  ...scalars('pacingModifier', 'maxRetryCount', 'retryDelaySeconds'),
  ...scalars('liveVoiceReactionType', 'answeringMachineReactionType'),
  liveVoiceFlow: named('flow'),
  answeringMachineFlow: named('flow'),
};

const MESSAGE = {
  ...scalars('enableInactivityTimeout'),
  subTypeSettings: {
    type: 'map',
    entriesKeep: true,
    of: record(scalars('enableAutoAnswer', 'enableInactivityTimeout')),
  } as const,
  inactivityTimeoutSettings: record({
    ...scalars('timeoutSeconds', 'actionType'),
    flow: named('flow'),
  }),
};

const address = record(scalars('useAgentAddressOutbound'));

export const fields: RecordField = record({
  description: scalar,
  division: named('division'),
  ...scalars('scoringMethod', 'skillEvaluationMethod', 'lastAgentRoutingMode', 'autoAnswerOnly'),
  ...scalars('callingPartyName', 'callingPartyNumber', 'defaultMediaLanguage', 'peerId'),
  ...scalars('enableTranscription', 'enableAudioMonitoring', 'enableManualAssignment'),
  suppressInQueueCallRecording: scalar,
  acwSettings: record(scalars('wrapupPrompt', 'timeoutSeconds')),
  agentOwnedRouting: record(
    scalars('enableAgentOwnedCallbacks', 'maxOwnedCallbackHours', 'maxOwnedCallbackDelayHours'),
  ),
  mediaSettings: record({
    call: record(MEDIUM),
    callback: record({ ...MEDIUM, ...CALLBACK }),
    chat: record(MEDIUM),
    email: record(MEDIUM),
    message: record({ ...MEDIUM, ...MESSAGE }),
  }),
  queueFlow: named('flow'),
  emailInQueueFlow: named('flow'),
  messageInQueueFlow: named('flow'),
  whisperPrompt: named('prompt'),
  onHoldPrompt: named('prompt'),
  defaultScripts: { type: 'map', of: named('script'), entriesKeep: true },
  cannedResponseLibraries: record({ mode: scalar, libraries: setOf('response library') }),
  ...GROUPS,
  routingRules: numbered('rule', scalars('operator', 'threshold', 'waitSeconds')),
  rings: numbered('ring', {
    expandAfterSeconds: scalar,
    skillsToRemove: setOf('skill'),
    ...GROUPS,
  }),
  conditionalGroupRouting: numbered('rule', {
    queue: named('queue'),
    ...scalars('metric', 'operator', 'conditionValue', 'waitSeconds'),
    ...GROUPS,
  }),
  conditionalGroupActivation: record({
    pilotRule: record(ACTIVATED_BY),
    rules: numbered('rule', { ...ACTIVATED_BY, ...GROUPS }),
  }),
  outboundMessagingAddresses: record({
    smsAddress: byId,
    whatsAppRecipient: byId,
    openMessagingRecipient: byId,
  }),
  outboundEmailAddress: record({ domain: byId, route: byId }),
  directRouting: record({
    backupQueue: named('queue'),
    ...scalars('agentWaitSeconds', 'waitForAgent'),
    callMediaSettings: address,
    emailMediaSettings: address,
    messageMediaSettings: address,
  }),
  wrapupCodes: { type: 'set', of: named('wrap-up code'), modes: true },
  members: {
    type: 'list',
    key: 'user',
    order: 'set',
    modes: true,
    itemsLieOver: true,
    item: record({ user: named('user'), ring: scalar }),
  },
});

/** Behind endpoints of their own: `parts.ts`. */
export const PART_FIELDS = ['wrapupCodes', 'members'] as const;

/** What the object itself holds. */
export const ownFields: RecordField = record(
  Object.fromEntries(
    Object.entries(fields.fields).filter(
      ([key]) => !(PART_FIELDS as readonly string[]).includes(key),
    ),
  ),
);
