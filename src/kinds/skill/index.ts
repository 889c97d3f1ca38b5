/** Skill: what agents are chosen by. Its name cannot be changed; its division can. */
import type { Kind } from '../../core/kind.js';
import { platformEntity } from '../platform-entity.js';

export const skill: Kind = {
  name: 'Skill',
  noun: { one: 'skill', many: 'skills' },
  refType: 'skill',
  fields: {
    type: 'record',
    fields: { division: { type: 'reference', to: 'division', isNamed: true } },
  },
  identity: ['division'],
  rules: () => [],
  toSpec: (fields) => fields,
  resources: {
    platform: platformEntity({
      path: '/api/v2/routing/skills',
      pageSize: 500,
      texts: [],
      hasDivision: true,
      creation: (name, { division }, idOf) => ({
        name,
        ...(division === undefined ? {} : { divisionId: idOf('division', division) }),
      }),
      // All that the platform can change; its name it is for good.
      isRenamed: false,
      update: (_entity, _managed, { after: { division = null }, idOf }) => ({
        method: 'PATCH',
        body: { divisionId: idOf('division', division) },
      }),
      audit: { service: 'Routing', entityType: 'RoutingSkill' },
      consumers: 'ACDSKILL',
      heldBy: 'skills',
    }),
  },
};
