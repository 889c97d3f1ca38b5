/** Plan | run → GitHub-flavoured Markdown, safe against names that are Markdown themselves. */
import { succeeded } from '../core/outcome.js';
import type { Change, Outcome, Plan } from '../core/types.js';
import { visible } from '../core/visible.js';
import { plural } from '../core/plural.js';
import {
  alarmsOf,
  checksInOrder,
  checkText,
  countsLine,
  driftTotal,
  driftWord,
  fieldTexts,
  moveTexts,
  placeText,
  scopeText,
  SIGN,
  waitText,
  whereText,
} from './wording.js';

/** Invisible; parts what GitHub would otherwise join to a mention, a reference or a link. */
const APART = '&#8203;';

/**
 * Text from outside as Markdown that shows just that text. Entities and backslashes do not stop
 * GitHub from linking `@name` and `#1`, which it looks for in the rendered page.
 */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/[&<>$]|[\\`*_[\]|~#]/g, (char) =>
      /[&<>$]/.test(char) ? `&#${char.charCodeAt(0)};` : `\\${char}`,
    )
    .replace(/@/g, `@${APART}`)
    .replace(/\\#(?=\d)/g, `$&${APART}`)
    .replace(/GH-(?=\d)/gi, `$&${APART}`)
    .replace(/:(?=\/\/|[\w+\\-]+:)/g, `:${APART}`)
    .replace(/www(?=\.)/gi, `$&${APART}`);
}

/** Counts first, deletes next and never folded, digest last. */
export function planMarkdown(plan: Plan): string {
  const scope = scopeText(plan);
  return document([
    `## ${countsLine(plan.counts)}`,
    `Environment ${escapeMarkdown(whereText(plan))}`,
    scope === null ? '' : escapeMarkdown(scope),
    alarmsOf(plan)
      .map(({ of, text }) => `> ❌ **${of}** ${escapeMarkdown(text)}`)
      .join('\n>\n'),
    ...plan.changes.map(changeMarkdown),
    footer(plan),
  ]);
}

export function driftMarkdown(plan: Plan): string {
  const scope = scopeText(plan);
  return document([
    `## ${driftTotal(plan)}`,
    `Environment ${escapeMarkdown(whereText(plan))}`,
    scope === null ? '' : escapeMarkdown(scope),
    ...plan.changes.map((change) => {
      const title = `### ${escapeMarkdown(change.address)} ${driftWord(change)}`;
      if (change.action === 'create' || change.action === 'delete') return title;
      const rows = change.fields.map((field) => {
        const { before, after } = fieldTexts(field);
        return [field.path, after ?? '(absent)', before ?? '(absent)', placeText(field)];
      });
      return `${title}\n\n${table(['Field', 'In git', 'In the org', 'Line'], rows)}`;
    }),
    footer(plan),
  ]);
}

function footer(plan: Plan): string {
  return `<sub>\`${plan.digest}\` · ${plural(plan.requests, 'request')} sent</sub>`;
}

function changeMarkdown(change: Change): string {
  const wait = waitText(change);
  const head =
    `### ${SIGN[change.action]} ${change.action} ${escapeMarkdown(change.address)}` +
    (wait === null ? '' : ` (${escapeMarkdown(wait)})`);
  const checks = checksInOrder(change).map((check) => {
    const mark = check.passed ? '✅' : check.level === 'warn' ? '⚠️' : '❌';
    return `- ${mark} ${escapeMarkdown(checkText(check))}`;
  });
  return [head, fieldsTable(change), checks.join('\n')].filter((part) => part !== '').join('\n\n');
}

function fieldsTable(change: Change): string {
  if (change.action === 'create') {
    const rows = change.fields.map((field) => [
      ...[field.path, fieldTexts(field).after ?? 'none', placeText(field)],
    ]);
    return table(['Field', 'Value', 'Line'], rows);
  }
  if (change.action === 'delete') {
    return table(
      ['Field', 'Value that goes'],
      change.fields.map((field) => [field.path, fieldTexts(field).before ?? 'none']),
    );
  }
  const rows = change.fields.map((field) => {
    const { before, after } = moveTexts(field);
    return [field.path, before, after, placeText(field)];
  });
  return table(['Field', 'Old', 'New', 'Line'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.map((cells) => line(cells.map(escapeMarkdown))),
  ].join('\n');
}

export interface RunHead {
  readonly id: string;
  readonly command: string;
  readonly actor: string;
  readonly environment: string;
}

/** What an apply did: the run's `summary.md`, and the job summary. */
export function runMarkdown(
  run: RunHead,
  plan: Plan | null,
  outcomes: readonly Outcome[],
  ending: string,
): string {
  const failed = outcomes.filter((outcome) => !succeeded(outcome));
  const done = outcomes.filter(succeeded);
  const where = plan === null ? run.environment : whereText(plan);
  const total = `${plural(done.length, 'change')} made, ${failed.length} not made`;
  return document([
    `## ${run.command}: ${escapeMarkdown(ending)}`,
    `Run \`${run.id}\` by ${escapeMarkdown(run.actor)}, environment ${escapeMarkdown(where)}.` +
      (outcomes.length === 0 ? '' : ` ${total}.`),
    // Two hundred successes must not hide the one failure.
    [...failed, ...done]
      .map((outcome) => {
        const mark = succeeded(outcome) ? '✅' : '❌';
        const message = outcome.message === '' ? '' : `: ${escapeMarkdown(outcome.message)}`;
        const hint = outcome.hint === undefined ? '' : `\n  → ${escapeMarkdown(outcome.hint)}`;
        return `- ${mark} ${escapeMarkdown(outcome.address)} ${outcome.state}${message}${hint}`;
      })
      .join('\n'),
    plan === null
      ? ''
      : planMarkdown(plan).trimEnd().replace(/^## /, '### ').replaceAll('\n### ', '\n#### '),
  ]);
}

function document(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
