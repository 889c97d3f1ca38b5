/**
 * What an answer of the platform means for us, decided once, from status and code and never from
 * the wording of a message. Codes: src/simulator/BEHAVIOUR.md.
 */
import { PlatformError, type PlatformFault } from '../core/errors.js';
import { excerptOf } from '../core/excerpt.js';
import { isObject, objectsIn, textOf, type Json } from '../core/json.js';
import type { RequestRecord } from '../core/types.js';
import { visible } from '../core/visible.js';
import { isRead, nobodyThere, TOO_LARGE, type NotSent } from './transport.js';

export interface FailedAnswer {
  readonly request: RequestRecord;
  /** Parsed JSON, or the text of an answer that is not JSON. */
  readonly body: Json;
  /** Names in lower case; absent where they say nothing that matters. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** An answer with a status that is not 2xx, as the error that the user will see. */
export function errorOf(answer: FailedAnswer): PlatformError {
  const { request, body } = answer;
  const status = request.status ?? 0;
  if (isElsewhere(status)) return redirected(answer);
  const { code, message } = reasonOf(body);
  const fault = isOfAHop(request, status, code) ? 'rejected' : faultOf(status, code, message);
  const said = [code, message].filter((part) => part !== '').join(': ');
  // A gateway that gives up says nothing of what goes on behind it.
  const unclear = (status >= 500 || status === 408) && isWrite(request);
  return new PlatformError(
    fault,
    code === '' ? `http-${status}` : code,
    `${subject(request)} answered ${status}${said === '' ? '' : ` ${said}`}` +
      `${unclear ? DOUBT : ''}${reference(request)}`,
    { request, unclear, ...doubted(unclear, hintOf(fault, status, { request, body })) },
  );
}

/** Neither done nor refused: somebody on the way wants us elsewhere, where we do not go. */
function isElsewhere(status: number): boolean {
  return (status >= 300 && status < 400) || status === 407 || status === 511;
}

/**
 * The platform redirects nothing that is asked of it: this is a proxy, the login page of a network,
 * or a host that is no API. Followed, it would get our credentials.
 */
function redirected({ request, headers = {} }: FailedAnswer): PlatformError {
  const status = request.status ?? 0;
  const unclear = isWrite(request);
  const to = hostIn(headers['location']);
  const where = to === null ? '' : ` and points to ${visible(to)}`;
  return new PlatformError(
    'unavailable',
    `http-${status}`,
    `${subject(request)} answered ${status}${where}, which is not followed` +
      `${unclear ? DOUBT : ''}${reference(request)}`,
    { request, unclear, ...doubted(unclear, { hint: elsewhereHint(status, to) }) },
  );
}

const CHECK_REGION = 'check the region (host in the Environment manifest, or GENESYS_DOMAIN)';
const NETWORK = 'the network, and HTTPS_PROXY where it is set';
const CHECK_HOST = 'check the host in the Environment manifest or GENESYS_DOMAIN';

function elsewhereHint(status: number, to: string | null): string {
  if (status === 407 || status === 511) {
    return 'a proxy or network on the way wants a login: check HTTPS_PROXY and the network';
  }
  const region = /^(?:api|login|apps)\.((?:[a-z0-9-]+\.)+[a-z]{2,})$/i.exec(to ?? '')?.[1];
  const wrong =
    region === undefined
      ? CHECK_REGION
      : `if the org is in another region, write ${visible(region)} as host in the Environment`;
  return `${wrong}; else a proxy or the login page of a network answers in place of the platform`;
}

/** The name alone: the rest of such an address can hold what is secret. */
function hostIn(location: string | undefined): string | null {
  return location !== undefined && URL.canParse(location) ? new URL(location).hostname : null;
}

/** The request has not left this process. */
export function notSent(request: RequestRecord, { code, ms, last }: NotSent): PlatformError {
  const seconds = Math.ceil(ms / 1000);
  const why =
    code === 'circuit-open'
      ? `the platform has answered nothing but errors for ${seconds} s`
      : `the platform asked to be left alone for ${seconds} s more`;
  const hint =
    code === 'circuit-open'
      ? 'look at the status page of the region, and run again once the platform has recovered'
      : 'run again then; other integrations may be using up the same limit';
  const message = `${subject(request)} was not sent: ${why}; the last was ${visible(last)}`;
  return new PlatformError('unavailable', code, message, { request, hint, waitMs: ms });
}

/**
 * A part of the path is a dot or two, as the key of a row may be that somebody made by hand: sent,
 * it would be about what is above it. Nothing has left this process.
 */
export function unreachable(request: RequestRecord): PlatformError {
  const message = `${subject(request)} was not sent: by that path nothing of that name is reached`;
  const hint = 'give what is called "." or ".." another name in the org';
  return new PlatformError('rejected', 'unreachable-path', message, { request, hint });
}

/** No answer came: refused, reset, timed out. Whether a write took effect is unknown. */
export function noAnswer(request: RequestRecord, code: string, host: string): PlatformError {
  const unclear = isWrite(request) && !nobodyThere(code);
  return new PlatformError(
    'unavailable',
    'no-answer',
    `${subject(request)} got ${silence(host, code)}${unclear ? DOUBT : ''}`,
    {
      request,
      unclear,
      // What is refused may be the proxy, of which the system's code says nothing.
      ...doubted(unclear, {
        hint: `${CHECK_HOST}, ${host.includes('://') ? 'and the network' : NETWORK}`,
      }),
    },
  );
}

function silence(host: string, code: string): string {
  const from = visible(host);
  if (code === TOO_LARGE) return `an answer from ${from} that is too large to be one (${code})`;
  return `no answer from ${from} (${code})`;
}

/**
 * The storage that a file was sent to did not take it. What it says may quote the signature that it
 * did not like, so nothing but its code is repeated.
 */
export function uploadRefused({ request, body }: FailedAnswer, host: string): PlatformError {
  const status = request.status ?? 0;
  const code = uploadCode(body);
  return new PlatformError(
    faultOf(status, ''),
    code === '' ? `http-${status}` : code,
    `${subject(request)} to ${visible(host)} answered ${status}${code === '' ? '' : ` ${code}`}`,
    { request, hint: `the file was not taken by ${visible(host)}; apply again` },
  );
}

/** No answer came from there. `nobody-there` says that the file has not even left. */
export function uploadUnanswered(
  request: RequestRecord,
  code: string,
  host: string,
): PlatformError {
  const unclear = !nobodyThere(code);
  const who = unclear ? 'strategos looks itself at what the import has done; ' : '';
  return new PlatformError(
    'unavailable',
    unclear ? 'no-answer' : 'nobody-there',
    `${subject(request)} got ${silence(host, code)}${unclear ? DOUBT : ''}`,
    {
      request,
      unclear,
      hint: `${who}files go to ${visible(host)}: check that the network lets them through`,
    },
  );
}

/** Of a Genesys Cloud error, or of the XML of an object storage. */
function uploadCode(body: Json): string {
  const code = isObject(body)
    ? reasonOf(body).code
    : /<Code>(\w{1,64})<\/Code>/.exec(text(body))?.[1];
  return code !== undefined && /^[\w.-]{1,64}$/.test(code) ? code : '';
}

function text(body: Json): string {
  return typeof body === 'string' ? body.slice(0, MOST_READ) : '';
}

/**
 * A 2xx that does not hold what the platform answers here: the page of a proxy, or half a body.
 * Taken at its word it would be an org without queues, or a write that was made.
 */
export function unreadable({ request, body }: FailedAnswer): PlatformError {
  const { message } = reasonOf(body);
  const said = message === '' ? '' : `: ${message}`;
  const unclear = isWrite(request);
  return new PlatformError(
    'unavailable',
    'unreadable-answer',
    `${subject(request)} answered ${request.status ?? 0} with something that is no answer of ` +
      `the platform${said}${unclear ? DOUBT : ''}${reference(request)}`,
    {
      request,
      unclear,
      ...doubted(unclear, { hint: `${CHECK_HOST}, and proxies` }),
    },
  );
}

/** A listing that says of more than it shows, twice. */
export function incomplete(
  { request }: Pick<FailedAnswer, 'request'>,
  missing: number,
): PlatformError {
  const lacks = missing === 1 ? '1 is missing' : `${missing} are missing`;
  return new PlatformError(
    'unavailable',
    'incomplete-listing',
    `${subject(request)}: the platform says that it lists more than it shows: ${lacks}, also ` +
      `when asked again${reference(request)}; what is not listed is not taken for gone`,
    {
      request,
      hint: 'run again in a minute; where it stays so, ask the platform with the correlation id',
    },
  );
}

function isWrite({ method, path }: RequestRecord): boolean {
  return !isRead(method, path);
}

const DOUBT = '; whether it took effect is unknown';
/** Whoever reads of the doubt asks whether to send it once more would do it twice. */
const LOOKS = 'the next apply looks first at what became of it';

function doubted(unclear: boolean, { hint }: { readonly hint?: string }): { hint?: string } {
  if (!unclear) return hint === undefined ? {} : { hint };
  return { hint: hint === undefined ? LOOKS : `${hint}; ${LOOKS}` };
}

function subject(request: RequestRecord): string {
  return `${request.method} ${visible(request.path)}`;
}

function reference(request: RequestRecord): string {
  return request.correlationId === null
    ? ''
    : ` (correlation id ${visible(request.correlationId)})`;
}

const OTHER_VERSION = /does not match the current version/i;

function faultOf(status: number, code: string, message = ''): PlatformFault {
  if (status === 401 || status === 403) return 'denied';
  // Wrong client id or secret; the token endpoint refuses with 400 as well as 401.
  if (code === 'invalid_client' || code === 'unauthorized_client') return 'denied';
  if (status === 404 || status === 410) return 'gone';
  if (status === 409) return 'conflict';
  // Of schedules and their groups some orgs say so with 400, under codes that are not published.
  if (status === 400 && OTHER_VERSION.test(message)) return 'conflict';
  if ([408, 425, 429].includes(status) || status >= 500) return 'unavailable';
  return 'rejected';
}

/** Genesys error bodies carry `code` and `message`, OAuth ones `error` and `error_description`. */
function reasonOf(body: Json): { code: string; message: string } {
  if (!isObject(body)) return { code: '', message: excerpt(typeof body === 'string' ? body : '') };
  const code = body['code'] ?? body['error'];
  const message = body['message'] ?? body['error_description'] ?? body['description'];
  const general = typeof message === 'string' ? excerpt(message) : '';
  return {
    code: typeof code === 'string' ? excerpt(code) : '',
    message: [general, ...detailsIn(body['details'], general)].filter(Boolean).join('; '),
  };
}

/** `details[].errorMessage` names the value that is wrong, where `message` may be a general one. */
function detailsIn(details: Json | undefined, said: string): string[] {
  return objectsIn(details)
    .slice(0, MOST_DETAILS)
    .map((detail) => excerpt(textOf(detail['errorMessage'])))
    .filter((text) => text !== '' && !said.includes(text));
}

const MOST_DETAILS = 3;

/** Half an answer may hold the address for a file, which is as good as a credential. */
function excerpt(text: string): string {
  const beginning = text.slice(0, MOST_READ);
  return excerptOf(beginning.replace(/("uploadURI"\s*:\s*")[^"]*/g, '$1***'));
}

const MOST_READ = 10_000;

function hintOf(
  fault: PlatformFault,
  status: number,
  { request, body }: FailedAnswer,
): { hint?: string } {
  if (fault === 'denied' && status === 403) {
    const missing = missingIn(body);
    const what = missing === '' ? 'the missing permission' : missing;
    return {
      hint:
        `add ${what} to a role of this OAuth client, in the objects' division ` +
        '(Admin > Integrations > OAuth)',
    };
  }
  if (fault === 'denied') {
    return { hint: 'check the client id and secret, and that they belong to this region' };
  }
  if (status === 429) {
    return { hint: 'other integrations use the same rate limit; try again in a minute' };
  }
  if (fault === 'unavailable') {
    const support =
      request.correlationId === null ? '' : '; give the correlation id to Genesys Cloud support';
    return { hint: `try again later${support}` };
  }
  // Not the platform's word, perhaps, but that of a hop which took the path for another one.
  if (isEscaped(request)) return { hint: ESCAPED_HINT };
  if (fault === 'gone') return absentHint(request);
  if (reasonOf(body).code === 'active.queue') return { hint: BUSY_HINT };
  if (fault === 'rejected') {
    return { hint: `the platform refused this ${request.method} as sent, which changed nothing` };
  }
  return {};
}

const BUSY_HINT =
  'interactions are in this queue, and no delete is forced from here: apply again once it is empty';

/**
 * No object is named by such a path, so that none can have gone: that part of the API is not there.
 * Of what was gone by its id, whoever asked for it knows what that means.
 */
function absentHint({ method, path }: RequestRecord): { hint?: string } {
  const wrong = `${CHECK_REGION} and proxies`;
  if (/^\/oauth(?:\/[a-z]+)+$/.test(path)) return { hint: `nobody there logs in: ${wrong}` };
  if (!isRead(method, path) || !/^\/api\/v2(?:\/[a-z]+)+$/.test(path)) return {};
  const feature =
    'else this org has no such feature: have Genesys Cloud switch it on, or take what needs it ' +
    'out of the manifests';
  return { hint: `this names a part of the API, no object: ${wrong}; ${feature}` };
}

/** Nobody can tell from it that a row is gone: whoever resolved the path has looked for another. */
function isOfAHop(request: RequestRecord, status: number, code: string): boolean {
  return status === 404 && isEscaped(request) && !code.startsWith('flows.datatables.');
}

function isEscaped({ path }: RequestRecord): boolean {
  return ESCAPED.test(path.split('?', 1)[0] ?? '');
}

/** `/ \\ % # ? ;`, as a path has them. */
const ESCAPED = /%(?:2F|5C|25|23|3F|3B)/i;
const ESCAPED_HINT =
  'a name in this path has to be escaped, which not every org may take: if this goes on, choose ' +
  'another name (letters, digits, spaces and . - _), and delete the old one in the admin UI';

/** The platform gathers the records of an audit query in its own time, and may never be ready. */
export function auditUnfinished(
  { request, body }: FailedAnswer,
  patienceMs: number,
): PlatformError {
  const state = isObject(body) ? excerpt(textOf(body['state'])) : '';
  const isOver = state === 'Failed' || state === 'Cancelled';
  const what = isOver
    ? `the platform ended the audit query as ${state}`
    : `the audit query has not finished after ${Math.round(patienceMs / 1000)} s` +
      (state === '' ? '' : `: it is still ${state}`);
  return new PlatformError(
    'unavailable',
    isOver ? 'audit-failed' : 'audit-unfinished',
    `${subject(request)}: ${what}; no record was read${reference(request)}`,
    { request, hint: 'ask for a shorter time, or again later' },
  );
}

/**
 * What a 403 says is missing, as the platform puts it beside its message, or else at the end of it:
 * `… permissions assigned: [routing:queue:view, routing:queue:edit]`. Empty where nowhere. It is
 * for the hint alone: nothing is decided by it.
 */
function missingIn(body: Json): string {
  if (!isObject(body)) return '';
  const params = body['messageParams'];
  const beside = isObject(params) ? listIn(params['permissions']) : '';
  const told = /permissions?(?:\(s\))?(?: assigned)?: *(\[[^\]]*\]|[^()[\]]*)/i;
  return beside || listIn(told.exec(textOf(body['message']).slice(0, MOST_READ))?.[1]);
}

/** `a:b:c, d:e:f` of a list, or of a text with or without brackets and quotes. */
function listIn(value: Json | undefined): string {
  const text = Array.isArray(value) ? value.map((one) => textOf(one)).join(', ') : textOf(value);
  const names = text.split(/[[\]"',\s]+/).filter((name) => name !== '');
  const areNames = names.every((name) => /^[\w*]+(:[\w*]+)+$/.test(name));
  return areNames && names.length <= MOST_NAMES ? names.join(', ') : '';
}

const MOST_NAMES = 20;
