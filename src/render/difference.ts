/** What became different between two plans, as Markdown for whoever agreed to the first. */
import type { ChangeDifference, FieldDifference, PlanDifference } from '../core/plan-difference.js';
import type { Change, FieldChange, Plan } from '../core/types.js';
import { planDifference } from '../core/plan-difference.js';
import { cut, paragraphs } from './budget.js';
import { escapeMarkdown, table } from './markdown.js';
import { blockedIn, moveTexts, SIGN } from './wording.js';

/** What the two plans are called: `reviewed`, `approved`. */
export interface DifferenceWords {
  readonly then: string;
  readonly now: string;
}

/** Room that a difference takes at most: beside it stands the plan itself. */
const BYTES = 20_000;

/** A list and a table for each change that is in both, within 20,000 bytes. */
export function differenceMarkdown(then: Plan, now: Plan, words: DifferenceWords): string {
  const difference = planDifference(then, now);
  const { gone, added, moved } = difference;
  const parts = [
    [
      ...added.map((change) => `- **only ${words.now}:** ${changeText(change)}`),
      ...gone.map((change) => `- **only ${words.then}:** ${changeText(change)}`),
    ].join('\n'),
    ...moved.map((one) => movedMarkdown(one, words)),
    isNothing(difference) ? otherwise(then, now) : '',
  ];
  return cut(paragraphs(parts), BYTES).trimEnd();
}

function isNothing({ gone, added, moved }: PlanDifference): boolean {
  return gone.length + added.length + moved.length === 0;
}

/** The digests differ, and no change does. */
function otherwise(then: Plan, now: Plan): string {
  if (then.organization.id !== now.organization.id) return 'It is for another organization.';
  if (then.tables.join() !== now.tables.join()) {
    return 'The changes are the same; which data tables an apply has to make first is not.';
  }
  const names = (plan: Plan): string =>
    blockedIn(plan)
      .map(({ address }) => address)
      .join();
  if (names(then) !== names(now)) {
    const list = (plan: Plan): string =>
      blockedIn(plan).length === 0
        ? 'none'
        : blockedIn(plan)
            .map(({ address }) => escapeMarkdown(address))
            .join(', ');
    return (
      'The changes are the same; what could not be compared is not: ' +
      `${list(then)} then, ${list(now)} now.`
    );
  }
  return (
    'The changes are the same; what their names stand for is not: a queue, a skill or a data ' +
    'table was renamed or made again under the same name, or the backend is another.'
  );
}

function changeText({ action, address }: Change): string {
  return `${SIGN[action]} ${action} ${escapeMarkdown(address)}`;
}

function movedMarkdown({ then, now, fields }: ChangeDifference, words: DifferenceWords): string {
  const acts = then.action === now.action ? now.action : `${then.action}, now ${now.action}`;
  const head = `**${SIGN[now.action]} ${acts} ${escapeMarkdown(now.address)}**`;
  if (fields.length === 0) {
    const versions = [then, now].map(({ precondition }) => precondition?.version ?? null);
    const [was, is] = versions;
    const counted = was !== is && was !== null && is !== null ? ` (version ${was} → ${is})` : '';
    return `${head}: the same fields, but the object was written to in between${counted}.`;
  }
  const rows = fields.map((field) => [field.path, sideText(field, 'then'), sideText(field, 'now')]);
  return `${head}\n\n${table(['Field', words.then, words.now], rows)}`;
}

function sideText(difference: FieldDifference, side: 'then' | 'now'): string {
  const field: FieldChange | null = difference[side];
  if (field === null) return 'not touched';
  const { before, after } = moveTexts(field);
  return `${before} → ${after}`;
}
