/** EmergencyGroup: a switch by which call flows take another way. People throw it in a crisis. */
import type { Kind } from '../../core/kind.js';
import { platformEntity, wholeUpdate } from '../platform-entity.js';

export const emergencyGroup: Kind = {
  name: 'EmergencyGroup',
  noun: { one: 'emergency group', many: 'emergency groups' },
  refType: 'emergency group',
  fields: {
    type: 'record',
    fields: {
      description: { type: 'scalar' },
      division: { type: 'reference', to: 'division', isNamed: true },
      enabled: { type: 'scalar', operational: true },
    },
  },
  identity: ['description', 'division', 'enabled'],
  rules: () => [],
  toSpec: (fields) => fields,
  ends: (before, after) =>
    before['enabled'] === true && after?.['enabled'] !== true
      ? 'an emergency that is running'
      : null,
  resources: {
    platform: platformEntity({
      path: '/api/v2/architect/emergencygroups',
      pageSize: 100,
      texts: ['description'],
      hasDivision: true,
      isVersioned: true,
      more: {
        read: (entity) => ({ enabled: entity['enabled'] === true }),
        shown: ({ enabled }) => (enabled === undefined ? {} : { enabled }),
      },
      update: wholeUpdate,
      audit: { service: 'Architect', entityType: 'EmergencyGroup' },
      consumers: 'EMERGENCYGROUP',
    }),
  },
};
