/** What a schema cannot say of a SkillGroup. */
import { same } from '../../core/canonical.js';
import type { Issue } from '../../core/issue.js';
import { isObject, type Json } from '../../core/json.js';
import { specOf } from '../../core/manifest.js';
import type { Manifest } from '../../core/types.js';
import { problem } from '../problem.js';
import { TERMS } from './conditions.js';

/** Total: what does not fit the schema is passed over. */
export function rules(manifest: Manifest): Issue[] {
  const spec = specOf(manifest);
  return [
    ...withoutTerms(manifest, spec['skillConditions'], '/spec/skillConditions'),
    ...withoutOwn(manifest, spec['division'], spec['memberDivisions']),
  ];
}

/** A condition that asks for nothing: whether it is met by everybody or by nobody, who knows. */
function withoutTerms(manifest: Manifest, conditions: Json | undefined, at: string): Issue[] {
  if (!Array.isArray(conditions)) return [];
  return conditions.flatMap((condition, index): Issue[] => {
    if (!isObject(condition)) return [];
    const pointer = `${at}/${index}`;
    const terms = TERMS.flatMap((key) => {
      const all = condition[key];
      return Array.isArray(all)
        ? all.map((term, n) => ({ term, at: `${pointer}/${key}/${n}` }))
        : [];
    });
    if (terms.length > 0) {
      return terms.flatMap(({ term, at: place }) =>
        isObject(term)
          ? withoutTerms(manifest, term['childConditions'], `${place}/childConditions`)
          : [],
      );
    }
    const said = {
      code: 'empty-condition',
      message: `${specPath(pointer)}: it names neither a skill nor a language`,
      hint: `write ${TERMS.join(' or ')}, or leave the condition out`,
    };
    return [problem(manifest, pointer, said)];
  });
}

/** `/spec/skillConditions/0` → `spec.skillConditions[0]` */
function specPath(pointer: string): string {
  return pointer
    .slice(1)
    .replace(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.');
}

/** The division of the group itself is always among those of its people. */
function withoutOwn(
  manifest: Manifest,
  division: Json | undefined,
  members: Json | undefined,
): Issue[] {
  if (!Array.isArray(members) || division === undefined || members.includes('*')) return [];
  // Which division an id is of, no file says.
  const isOther = (one: Json): boolean => isObject(one) !== isObject(division);
  if (members.some((one) => isOther(one) || same(one, division))) return [];
  const own = typeof division === 'string' ? division : 'its own division';
  return [
    problem(manifest, '/spec/memberDivisions', {
      code: 'own-division',
      message: `spec.memberDivisions: ${own} is missing, which the platform always has among them`,
      hint: `add ${own}, or write { include: [ … ] }`,
    }),
  ];
}
