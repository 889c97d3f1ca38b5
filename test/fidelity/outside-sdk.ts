/**
 * What the SDK has no method for: the login, the strategies API, which no public Genesys Cloud has,
 * and the storage that pre-signed uploads go to. Schemas by hand, after the descriptions of each.
 */
import type { Endpoint, Schema } from '../support/sdk-schemas.js';

export interface OutsideEndpoint extends Endpoint {
  /** How the request's body is written. Default: JSON. */
  readonly encoding?: 'form' | 'bytes';
  /** Default: `ErrorBody`. */
  readonly error?: Schema;
  /** Answered by something else than the platform, so without the platform's headers. */
  readonly isForeign?: boolean;
}

const TEXT: Schema = { type: 'string', minLength: 1 };
const WHOLE: Schema = { type: 'integer', minimum: 0 };

/** A closed object; names that end in `?` are optional. */
function closed(properties: Readonly<Record<string, Schema>>): Schema {
  const names = Object.keys(properties);
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [name.replace(/\?$/, ''), schema]),
    ),
    required: names.filter((name) => !name.endsWith('?')),
    additionalProperties: false,
  };
}

const WEIGHT: Schema = { type: 'number', minimum: 0 };
const TARGETS: Schema = {
  type: 'array',
  items: closed({ id: TEXT, priority: WHOLE, weight: WEIGHT, capacity: WHOLE }),
};
const FALLBACK: Schema = closed({
  queue: closed({ id: TEXT, priority: WHOLE, weight: WEIGHT }),
});
const CRITERIA: Schema = closed({
  skills: { type: 'array', items: closed({ skillId: TEXT, required: { type: 'boolean' } }) },
});
/** In an update, `null` takes the fallback away; it is the one `null` that means something. */
const NO_FALLBACK: Schema = { anyOf: [FALLBACK, { type: 'null' }] };

const NEW_STRATEGY = closed({
  name: TEXT,
  status: { const: 'draft' },
  targets: TARGETS,
  'selectionCriteria?': CRITERIA,
  'fallback?': FALLBACK,
});
const STRATEGY_UPDATE = closed({
  'name?': TEXT,
  'status?': { enum: ['draft', 'active'] },
  'version?': WHOLE,
  'targets?': TARGETS,
  'selectionCriteria?': CRITERIA,
  'fallback?': NO_FALLBACK,
});
const STRATEGY = closed({
  // A status that is none of draft, active and failed says that it is still being processed.
  id: TEXT,
  name: TEXT,
  status: TEXT,
  'errorMessage?': TEXT,
  version: WHOLE,
  targets: TARGETS,
  selectionCriteria: CRITERIA,
  'fallback?': FALLBACK,
  dateCreated: TEXT,
  dateModified: TEXT,
  selfUri: TEXT,
});
const STRATEGY_LISTING = closed({
  entities: { type: 'array', items: STRATEGY },
  pageSize: WHOLE,
  pageNumber: WHOLE,
  total: WHOLE,
  pageCount: WHOLE,
  selfUri: TEXT,
  firstUri: TEXT,
  lastUri: TEXT,
  'nextUri?': TEXT,
  'previousUri?': TEXT,
});

const STRATEGIES = '/api/v2/routing/strategies';
const NOTHING = { query: [], request: null, response: null };

/** RFC 6749, and what the platform adds to its error. */
const TOKEN: OutsideEndpoint = {
  method: 'POST',
  pattern: '/oauth/token',
  call: 'login',
  query: [],
  encoding: 'form',
  request: { required: true, schema: closed({ grant_type: { const: 'client_credentials' } }) },
  response: closed({ access_token: TEXT, token_type: TEXT, expires_in: WHOLE }),
  error: closed({ error: TEXT, description: TEXT, error_description: TEXT }),
};

export const OUTSIDE_SDK: readonly OutsideEndpoint[] = [
  TOKEN,
  {
    method: 'GET',
    pattern: STRATEGIES,
    call: 'listStrategies',
    request: null,
    query: ['pageSize', 'pageNumber'],
    response: STRATEGY_LISTING,
  },
  {
    method: 'POST',
    pattern: STRATEGIES,
    call: 'createStrategy',
    query: [],
    request: { required: true, schema: NEW_STRATEGY },
    response: STRATEGY,
  },
  {
    method: 'GET',
    pattern: `${STRATEGIES}/{strategyId}`,
    call: 'showStrategy',
    ...NOTHING,
    response: STRATEGY,
  },
  {
    method: 'PUT',
    pattern: `${STRATEGIES}/{strategyId}`,
    call: 'updateStrategy',
    query: [],
    request: { required: true, schema: STRATEGY_UPDATE },
    response: STRATEGY,
  },
  {
    method: 'DELETE',
    pattern: `${STRATEGIES}/{strategyId}`,
    call: 'deleteStrategy',
    ...NOTHING,
  },
  {
    // The URL itself is the credential, and the body is a file.
    method: 'PUT',
    pattern: '/uploads/datatables/{jobId}/{secret}',
    call: 'upload',
    encoding: 'bytes',
    ...NOTHING,
    request: { required: false, schema: {} },
    isForeign: true,
  },
];
