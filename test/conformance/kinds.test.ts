/** The suite of every kind that lives in the platform's own API. */
import { kindConformance, type KindDriver } from './kind-cases.js';

const SKILL: KindDriver = {
  kind: 'Skill',
  noun: { one: 'skill', many: 'skills' },
  path: '/api/v2/routing/skills',
  spec: {},
  changed: null,
  body: (name) => ({ name }),
  byHand: null,
};

const LANGUAGE: KindDriver = {
  kind: 'Language',
  noun: { one: 'language', many: 'languages' },
  path: '/api/v2/routing/languages',
  spec: {},
  changed: null,
  body: (name) => ({ name }),
  byHand: null,
};

const WRAPUP_CODE: KindDriver = {
  kind: 'WrapupCode',
  noun: { one: 'wrap-up code', many: 'wrap-up codes' },
  path: '/api/v2/routing/wrapupcodes',
  spec: { description: 'Answered' },
  changed: { description: 'Answered, and thanked for' },
  body: (name) => ({ name, description: 'Answered' }),
  byHand: (entity) => ({ method: 'PUT', body: { ...entity, description: 'By hand' } }),
};

for (const driver of [SKILL, LANGUAGE, WRAPUP_CODE]) kindConformance(driver);
