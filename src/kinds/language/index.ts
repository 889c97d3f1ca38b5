/** Language: what agents speak. The platform changes nothing of one: it is made and deleted. */
import type { Kind } from '../../core/kind.js';
import { platformEntity } from '../platform-entity.js';

export const language: Kind = {
  name: 'Language',
  noun: { one: 'language', many: 'languages' },
  refType: 'language',
  fields: { type: 'record', fields: {} },
  identity: [],
  rules: () => [],
  toSpec: (fields) => fields,
  resources: {
    platform: platformEntity({
      path: '/api/v2/routing/languages',
      pageSize: 100,
      texts: [],
      hasDivision: false,
      update: null,
      audit: { service: 'Routing', entityType: 'RoutingLanguage' },
      consumers: 'ACDLANGUAGE',
      heldBy: 'languages',
    }),
  },
};
