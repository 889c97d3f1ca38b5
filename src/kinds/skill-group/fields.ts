/**
 * Conditions as data. They are numbered by their places, from 1. A term of a condition may have
 * conditions of its own, which are of the same sort: the table leads back to itself.
 */
import type { ListField, RecordField } from '../../core/fields.js';

const scalar = { type: 'scalar' } as const;
const skill = { type: 'reference', to: 'skill' } as const;
const language = { type: 'reference', to: 'language' } as const;

/** What the place of an item is called. */
export const NUMBER = 'number';

const numbered = (item: RecordField): ListField => ({
  type: 'list',
  key: NUMBER,
  order: { by: NUMBER },
  item,
});

const compared = { comparator: scalar, proficiency: scalar } as const;

const skillTerm: RecordField = {
  type: 'record',
  fields: {
    [NUMBER]: scalar,
    routingSkill: skill,
    ...compared,
    get childConditions() {
      return CONDITIONS;
    },
  },
};

const languageTerm: RecordField = {
  type: 'record',
  fields: {
    [NUMBER]: scalar,
    languageSkill: language,
    ...compared,
    get childConditions() {
      return CONDITIONS;
    },
  },
};

export const CONDITIONS: ListField = numbered({
  type: 'record',
  fields: {
    [NUMBER]: scalar,
    operation: scalar,
    routingSkillConditions: numbered(skillTerm),
    languageSkillConditions: numbered(languageTerm),
  },
});
