/** What a schema cannot say of a Queue. */
import { folded } from '../../core/alike.js';
import type { Issue } from '../../core/issue.js';
import { isObject, objectsIn, textOf, type Json } from '../../core/json.js';
import { specOf } from '../../core/manifest.js';
import { plural } from '../../core/plural.js';
import type { Manifest } from '../../core/types.js';

/** Total: what does not fit the schema is passed over. */
export function rules(manifest: Manifest): Issue[] {
  return [
    ...memberIssues(manifest),
    ...libraryIssues(manifest),
    ...wrapUpIssues(manifest),
    ...flowIssues(manifest),
    ...firstRuleIssues(manifest),
    ...activationIssues(manifest),
  ];
}

function issueAt(
  manifest: Manifest,
  code: string,
  pointer: string,
  said: Pick<Issue, 'message' | 'hint'>,
): Issue {
  return { code, severity: 'error', at: manifest.positions.at(`/spec${pointer}`), ...said };
}

/** The items of a part, and where they stand: as a list, or as those to be included. */
function itemsAt(manifest: Manifest, field: string): { at: string; items: readonly Json[] } {
  const value = specOf(manifest)[field];
  if (Array.isArray(value)) return { at: field, items: value };
  const included = isObject(value) ? value['include'] : undefined;
  return { at: `${field}/include`, items: Array.isArray(included) ? included : [] };
}

function memberIssues(manifest: Manifest): Issue[] {
  const { at, items } = itemsAt(manifest, 'members');
  const { rings } = specOf(manifest);
  const most = Array.isArray(rings) ? rings.length : 0;
  const found: Issue[] = [];
  const seen = new Map<string, number>();
  items.forEach((item, index) => {
    const user = isObject(item) && 'user' in item ? (item['user'] ?? null) : item;
    const id = isObject(user) ? textOf(user['id']) : textOf(user);
    // Who is not said is nobody, and not the same as another who is not.
    if (id === '') return;
    const name = isObject(user) ? `{ id: ${id} }` : id;
    const first = seen.get(folded(name));
    if (typeof user === 'string' && !user.includes('@')) {
      const at_ = `/${at}/${index}${isObject(item) ? '/user' : ''}`;
      const message = `spec.${at.replace('/', '.')}[${index}]: ${name} is no e-mail address`;
      const hint = 'write the address, as names of people repeat, or { id: … }';
      found.push(issueAt(manifest, 'no-address', at_, { message, hint }));
    }
    const where = `spec.${at.replace('/', '.')}[${index}]`;
    if (first === undefined) seen.set(folded(name), index);
    else {
      const { line } = manifest.positions.at(`/spec/${at}/${first}`);
      const message = `${where}: ${name} is a member already, in line ${line}`;
      const hint = 'remove one of the two';
      found.push(issueAt(manifest, 'duplicate-member', `/${at}/${index}`, { message, hint }));
    }
    const ring = isObject(item) ? item['ring'] : undefined;
    if (typeof ring !== 'number' || ring <= Math.max(1, most)) return;
    const has = most === 0 ? 'no rings' : plural(most, 'ring');
    const message = `${where}.ring: ${ring}, and the manifest declares ${has}`;
    const hint = most < 2 ? 'declare spec.rings, or leave ring out' : `write 1 to ${most}`;
    found.push(issueAt(manifest, 'unknown-ring', `/${at}/${index}/ring`, { message, hint }));
  });
  return found;
}

function libraryIssues(manifest: Manifest): Issue[] {
  const { cannedResponseLibraries: all } = specOf(manifest);
  if (!isObject(all) || all['libraries'] === undefined || all['mode'] === 'SelectedOnly') return [];
  if (Array.isArray(all['libraries']) && all['libraries'].length === 0) return [];
  const message = 'spec.cannedResponseLibraries.libraries: libraries are chosen in one mode alone';
  const hint = 'write mode: SelectedOnly, or leave libraries out';
  const pointer = '/cannedResponseLibraries/libraries';
  return [issueAt(manifest, 'libraries-mode', pointer, { message, hint })];
}

const WITH_TIMEOUT = ['MANDATORY_TIMEOUT', 'MANDATORY_FORCED_TIMEOUT', 'AGENT_REQUESTED'];

function wrapUpIssues(manifest: Manifest): Issue[] {
  const { acwSettings: all } = specOf(manifest);
  if (!isObject(all) || all['timeoutSeconds'] === undefined) return [];
  const prompt = all['wrapupPrompt'];
  if (typeof prompt !== 'string' || WITH_TIMEOUT.includes(prompt)) return [];
  const message = `spec.acwSettings.timeoutSeconds: ${prompt} has no timeout`;
  const hint = `leave it out, or write wrapupPrompt: ${WITH_TIMEOUT.join(', ')}`;
  return [issueAt(manifest, 'wrap-up-timeout', '/acwSettings/timeoutSeconds', { message, hint })];
}

/** A flow that nothing leads to, and what leads to a flow that nobody named. */
function flowIssues(manifest: Manifest): Issue[] {
  const { mediaSettings: media } = specOf(manifest);
  const callback = isObject(media) ? media['callback'] : undefined;
  if (!isObject(callback)) return [];
  const pairs = [
    ['liveVoiceReactionType', 'liveVoiceFlow'],
    ['answeringMachineReactionType', 'answeringMachineFlow'],
  ] as const;
  return pairs.flatMap(([type, flow]) => {
    const leads = callback[type] === 'TransferToFlow';
    if (callback[type] === undefined || leads === ((callback[flow] ?? null) !== null)) return [];
    const at = `spec.mediaSettings.callback`;
    const message = leads
      ? `${at}.${type}: TransferToFlow, and no ${flow} says which`
      : `${at}.${flow}: nothing leads to it, as ${type} is ${textOf(callback[type])}`;
    const hint = leads ? `write ${flow}` : `write ${type}: TransferToFlow, or leave it out`;
    const pointer = `/mediaSettings/callback/${leads ? type : flow}`;
    return [issueAt(manifest, 'reaction-flow', pointer, { message, hint })];
  });
}

function firstRuleIssues(manifest: Manifest): Issue[] {
  const [first] = objectsIn(specOf(manifest)['conditionalGroupRouting']);
  if ((first?.['queue'] ?? null) === null) return [];
  const message =
    'spec.conditionalGroupRouting[0].queue: the first rule is about this queue itself';
  const pointer = '/conditionalGroupRouting/0/queue';
  return [issueAt(manifest, 'first-rule', pointer, { message, hint: 'leave queue out' })];
}

/** Groups come by one of the two, and of their rules none is about nothing. */
function activationIssues(manifest: Manifest): Issue[] {
  const { conditionalGroupActivation: activation, conditionalGroupRouting: routing } =
    specOf(manifest);
  if (!isObject(activation) || objectsIn(routing).length === 0) return [];
  const message =
    'spec.conditionalGroupActivation: a queue has either this or conditionalGroupRouting';
  const hint = 'leave one of the two out, or write conditionalGroupRouting: []';
  return [
    issueAt(manifest, 'activation-routing', '/conditionalGroupActivation', { message, hint }),
  ];
}
