/** What a queue is set to: the part of it that a PUT replaces, and wipes where it is left out. */
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../core/json.js';
import { field } from './call.js';
import type { Org, Queue } from './model.js';
import { badRequest, invalidFields } from './refusal.js';

/** Everything that can be written of a queue but its name, its description and its division. */
const WRITABLE = [
  ...['mediaSettings', 'routingRules', 'conditionalGroupRouting', 'conditionalGroupActivation'],
  ...['bullseye', 'scoringMethod', 'lastAgentRoutingMode', 'acwSettings', 'skillEvaluationMethod'],
  ...['memberGroups', 'queueFlow', 'emailInQueueFlow', 'messageInQueueFlow', 'whisperPrompt'],
  ...['onHoldPrompt', 'defaultMediaLanguage', 'autoAnswerOnly', 'cannedResponseLibraries'],
  ...['enableTranscription', 'enableAudioMonitoring', 'enableManualAssignment'],
  ...['agentOwnedRouting', 'directRouting', 'callingPartyName', 'callingPartyNumber'],
  ...['defaultScripts', 'outboundMessagingAddresses', 'outboundEmailAddress', 'peerId'],
  'suppressInQueueCallRecording',
] as const;

const SKILL_GROUPS = '/api/v2/routing/skillgroups';
const LEAST_ALERTING_SECONDS = 7;

/** What the body asks for. 400 for what no queue can be. */
export function settingsIn(body: JsonObject): JsonObject {
  const settings: JsonObject = {};
  for (const key of WRITABLE) {
    const value = field(body, key);
    if (value !== undefined && value !== null) settings[key] = value;
  }
  const media = settings['mediaSettings'];
  for (const [name, medium] of Object.entries(isObject(media) ? media : {})) {
    if (isObject(medium)) checkMedium(name, medium);
  }
  return settings;
}

function checkMedium(name: string, medium: JsonObject): void {
  const { alertingTimeoutSeconds: alerting, serviceLevel, mode } = medium;
  const refuse = (key: string, text: string): never => {
    throw invalidFields([{ errorCode: 'invalid.value', fieldName: `${name}.${key}`, text }]);
  };
  if (typeof alerting === 'number' && alerting < LEAST_ALERTING_SECONDS) {
    refuse('alertingTimeoutSeconds', `must be at least ${LEAST_ALERTING_SECONDS}`);
  }
  const part = isObject(serviceLevel) ? serviceLevel['percentage'] : undefined;
  if (typeof part === 'number' && (part < 0 || part > 1)) {
    refuse('serviceLevel.percentage', 'must be from 0 to 1');
  }
  if (mode === '') refuse('mode', 'must not be empty');
}

export function ringsIn(settings: JsonObject): readonly JsonObject[] {
  const { bullseye } = settings;
  return isObject(bullseye) ? objectsIn(bullseye['rings']) : [];
}

/** A ring that still holds groups is not taken away. */
export function checkRings(before: JsonObject, after: JsonObject): void {
  const gone = ringsIn(before).slice(ringsIn(after).length);
  if (gone.some((ring) => objectsIn(ring['memberGroups']).length > 0)) {
    throw badRequest('A ring with member groups cannot be removed', 'invalid.bullseye');
  }
}

const PROMISE = { percentage: 0.8, durationMs: 20_000 };

/** The platform says what it fell back on: what is left out of a PUT is at its default after it. */
export function shownSettings(org: Org, { settings, answerWithinMs }: Queue): JsonObject {
  const media = isObject(settings['mediaSettings']) ? settings['mediaSettings'] : {};
  const call = isObject(media['call']) ? media['call'] : {};
  const named = withNames(namesOf(org), settings);
  return {
    skillEvaluationMethod: 'ALL',
    scoringMethod: 'TimestampAndPriority',
    ...(isObject(named) ? named : {}),
    mediaSettings: {
      ...media,
      call: { serviceLevel: { ...PROMISE, durationMs: answerWithinMs }, ...call },
    },
  };
}

/** Of a queue that was set to that; `null` where it does not say. */
export function promiseMsIn(settings: JsonObject): number | null {
  const media = settings['mediaSettings'];
  const call = isObject(media) ? media['call'] : undefined;
  const level = isObject(call) ? call['serviceLevel'] : undefined;
  const durationMs = isObject(level) ? level['durationMs'] : undefined;
  return typeof durationMs === 'number' ? durationMs : null;
}

function namesOf({ skills, queues, flows, foreign, things }: Org): ReadonlyMap<string, string> {
  const groups = things.get(SKILL_GROUPS)?.values() ?? [];
  const others = [...flows, ...groups, ...[...foreign.values()].flat()];
  const all = [...skills.values(), ...queues.values(), ...others];
  return new Map(all.map(({ id, name }) => [id, name]));
}

/** Whatever is referred to is shown with its name. */
function withNames(names: ReadonlyMap<string, string>, value: Json): Json {
  if (Array.isArray(value)) return value.map((one) => withNames(names, one));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, withNames(names, one)] as const);
  const name = names.get(textOf(value['id'] ?? ''));
  return { ...Object.fromEntries(entries), ...(name === undefined ? {} : { name }) };
}
