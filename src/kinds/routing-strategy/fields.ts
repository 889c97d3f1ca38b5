/** The fields of a RoutingStrategy that are kept equal with the org, once, as data. */
import type { RecordField } from '../../core/fields.js';

export const fields = {
  type: 'record',
  fields: {
    status: { type: 'scalar', default: 'active' },
    selection: {
      type: 'record',
      whenAbsent: { skills: [] },
      fields: {
        skills: {
          type: 'list',
          key: 'skill',
          // Requirements are joined by "and": their order means nothing.
          order: 'set',
          item: {
            type: 'record',
            fields: {
              skill: { type: 'reference', to: 'skill' },
              required: { type: 'scalar', default: true },
            },
          },
        },
      },
    },
    targets: {
      type: 'list',
      key: 'queue',
      // Order breaks ties between equal priorities, so it is kept among them.
      order: { by: 'priority' },
      item: {
        type: 'record',
        fields: {
          queue: { type: 'reference', to: 'queue' },
          priority: { type: 'scalar', default: 1 },
          weight: { type: 'scalar', default: 1 },
          capacity: { type: 'scalar' },
        },
      },
    },
    fallback: {
      type: 'record',
      whenAbsent: null,
      fields: {
        queue: { type: 'reference', to: 'queue' },
        priority: { type: 'scalar', default: 99 },
        weight: { type: 'scalar', default: 0.1 },
      },
    },
  },
} as const satisfies RecordField;
