/** How a command that cannot go on says so. */
import { asTyped } from '../core/as-typed.js';
import { AppError, InvalidInput, WrongUsage } from '../core/errors.js';
import { sortIssues, type Issue } from '../core/issue.js';
import { visible, visibleLines } from '../core/visible.js';
import { lineJson, jsonText } from '../render/json.js';
import { issueText } from '../render/text.js';
import { plural } from '../core/plural.js';
import type { Format } from './options.js';
import { readableStack } from './stack.js';
import type { World } from './world.js';

/**
 * Machines read stdout: with `--format json` the error is the one document there, and the last line
 * of a command whose result is lines.
 */
export function reportError(
  error: unknown,
  { format, isLines }: { readonly format: Format; readonly isLines: boolean },
  verbose: boolean,
  world: World,
): void {
  if (format === 'json') world.out((isLines ? lineJson : jsonText)(errorJson(error)));
  const style = world.errStyle;
  if (error instanceof InvalidInput) printIssues(error.issues, world);
  if (error instanceof AppError) {
    for (const part of error.parts) world.err(`${style.bad('error')}: ${visible(part)}\n`);
    if (error.hint !== undefined) world.err(`    → ${visible(asTyped(error.hint))}\n`);
    return;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  world.err(`${style.bad('unexpected error')}: ${visible(message)}\n`);
  if (verbose && stack !== undefined) world.err(`${visibleLines(readableStack(stack))}\n`);
  else world.err('    → this is a bug in strategos; --verbose shows where\n');
}

/** For machines alone: what is wrong with the words of a command line. */
export function reportUsage(message: string, isLines: boolean, world: World): void {
  const [what = '', ...rest] = message.replace(/^error: /, '').split('\n');
  const meant = rest.join(' ').replace(/^\((.*)\)$/, '$1');
  const hint =
    meant === '' ? 'strategos --help lists the commands, each --help its options' : meant;
  world.out((isLines ? lineJson : jsonText)(errorJson(new WrongUsage(what, { hint }))));
}

/**
 * On one line, for what goes on after an error and says it in passing: the first issue with its
 * place, or else what to do. Markup of terminals is left to whoever shows it.
 */
export function reasonOf(error: AppError): string {
  const { message, hint } = error;
  const issues = error instanceof InvalidInput ? sortIssues(error.issues) : [];
  const [first] = [...issues.filter(({ severity }) => severity === 'error'), ...issues];
  if (first === undefined) return hint === undefined ? message : `${message} → ${asTyped(hint)}`;
  const { at } = first;
  const place = at === null ? '' : `${at.file}:${at.line}:${at.column}: `;
  const more = issues.length === 1 ? '' : `, and ${plural(issues.length - 1, 'more issue')}`;
  return `${message}: ${place}${first.message}${more}`;
}

export function printIssues(issues: readonly Issue[], world: World): void {
  for (const issue of sortIssues(issues)) world.err(`${issueText(issue, world.errStyle)}\n`);
}

function errorJson(error: unknown): object {
  if (!(error instanceof AppError)) {
    const message = error instanceof Error ? error.message : String(error);
    const nothing = { hint: null, request: null, issues: [] };
    return { error: { code: 'unexpected', exitCode: 1, message, ...nothing } };
  }
  const { code, exitCode, message, request = null } = error;
  const hint = error.hint === undefined ? null : asTyped(error.hint);
  const issues = error instanceof InvalidInput ? sortIssues(error.issues) : [];
  return { error: { code, exitCode, message, hint, request, issues } };
}

export function issueCounts(issues: readonly Issue[]): string {
  const errors = issues.filter((issue) => issue.severity === 'error').length;
  const warnings = issues.length - errors;
  const parts = [plural(errors, 'error')];
  if (warnings > 0) parts.push(plural(warnings, 'warning'));
  return parts.join(', ');
}
