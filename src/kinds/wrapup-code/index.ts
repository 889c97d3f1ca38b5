/** WrapupCode: what agents say of a call that is over. `division: '*'` is in every division. */
import type { Kind } from '../../core/kind.js';
import { platformEntity, wholeUpdate } from '../platform-entity.js';

export const wrapupCode: Kind = {
  name: 'WrapupCode',
  noun: { one: 'wrap-up code', many: 'wrap-up codes' },
  refType: 'wrap-up code',
  fields: {
    type: 'record',
    fields: {
      description: { type: 'scalar' },
      division: { type: 'reference', to: 'division', isNamed: true },
    },
  },
  identity: ['description', 'division'],
  rules: () => [],
  toSpec: (fields) => fields,
  resources: {
    platform: platformEntity({
      path: '/api/v2/routing/wrapupcodes',
      pageSize: 100,
      texts: ['description'],
      hasDivision: true,
      update: wholeUpdate,
      audit: { service: 'Routing', entityType: 'WrapupCode' },
      consumers: 'ACDWRAPUPCODE',
    }),
  },
};
