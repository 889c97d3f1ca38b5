/** The issue that stands open while an environment has drifted: what, who, and both ways back. */
import { countText } from '../kinds/nouns.js';
import { plural } from '../core/plural.js';
import type { Address } from '../core/types.js';
import { visible } from '../core/visible.js';
import { COMMENT_BYTES, fit } from './budget.js';
import { folderMarkdown } from './review.js';
import { linesOf, pendingText, whoText, driftTotal, driftWord, type DriftReport } from './drift.js';
import { blockedMarkdown, driftedMarkdown, escapeMarkdown } from './markdown.js';
import { markerLine, writtenBy, type Writer } from './marker.js';
import { leftAs, whereText } from './wording.js';

export interface IssueText {
  readonly title: string;
  readonly body: string;
}

export interface DriftNews {
  readonly report: DriftReport;
  /** Of the workflow run that looked; `null` outside of one. */
  readonly runUrl: string | null;
  /** Name of the artifact. */
  readonly run: string;
  /** File name of the workflow that applies, for the way back. */
  readonly applyWorkflow: string;
  /** Of the manifests, from the top of the repository. */
  readonly folder: string;
  /** `null` outside of a workflow run. */
  readonly writer: Writer | null;
}

/** Names in a command; more would be no command any more. */
const MOST_TARGETS = 20;

/** Title and body of the issue; the body fits what GitHub takes. */
export function driftIssue(news: DriftNews): IssueText {
  const { report, runUrl } = news;
  const { environment } = report.plan;
  const { blocked = [] } = report.plan;
  const { folder, writer } = news;
  const marker = { environment: environment.name, folder, ...writtenBy(writer) };
  const top = [
    markerLine('drift', marker),
    `## ${driftTotal(report)}`,
    `Environment ${escapeMarkdown(whereText(report.plan))}, ${folderMarkdown(folder)}. ` +
      'This issue is kept up to date by every look at the org, and closed by the first that ' +
      'finds no drift.',
  ].join('\n\n');
  const blocks = report.drifts.map((drift) => {
    const [first] = linesOf(drift);
    const who = first === undefined ? '' : `, ${escapeMarkdown(whoText(first.by, report.nameOf))}`;
    const address = escapeMarkdown(drift.address);
    return {
      full: driftedMarkdown(drift, report.nameOf),
      brief: `- ${address} ${driftWord(drift)}${who}`,
    };
  });
  const held = blocked.map((one) => ({
    full: blockedMarkdown(one),
    brief: `- ! ${escapeMarkdown(one.address)} ${leftAs(one.held)}`,
  }));
  const link = runUrl === null ? '' : ` · [run](${runUrl})`;
  const bottom = [
    escapeMarkdown(pendingText(report) ?? ''),
    report.drifts.length === 0 ? '' : waysBack(news),
    `<sub>artifact <code>${escapeMarkdown(news.run)}</code>${link}</sub>`,
  ];
  const where = runUrl === null ? '' : `The log of [the run](${runUrl}) has all of it.`;
  const groups = [{ head: '', blocks: [...blocks, ...held], tail: '' }];
  const { text } = fit(top, groups, bottom.filter((one) => one !== '').join('\n\n'), {
    bytes: COMMENT_BYTES,
    where,
  });
  return { title: titleOf(report), body: text };
}

/** Of a title on GitHub. */
const TITLE_CHARACTERS = 256;

/** With the kinds of what drifted, as long as there is room for them. */
function titleOf({ plan, drifts }: DriftReport): string {
  const { environment, blocked = [] } = plan;
  const titled = (counted: (of: readonly { readonly address: Address }[]) => string): string => {
    const parts = [
      ...(drifts.length > 0 || blocked.length === 0
        ? [`${counted(drifts)} changed in the org`]
        : []),
      ...(blocked.length > 0 ? [`${counted(blocked)} could not be compared`] : []),
    ];
    return `${driftTitle(environment.name)}${parts.join(', ')}`;
  };
  const whole = titled((of) => countText(of.map(({ address }) => address)));
  if (whole.length <= TITLE_CHARACTERS) return whole;
  const brief = titled(({ length }) => plural(length, 'object'));
  return brief.length <= TITLE_CHARACTERS
    ? brief
    : `${brief.slice(0, TITLE_CHARACTERS - 1).toWellFormed()}…`;
}

/** What every title of an issue about this environment begins with. */
export function driftTitle(environment: string): string {
  return `Drift in ${visible(environment)}: `;
}

/** What is said when the issue is closed. */
export function driftOver(runUrl: string | null): string {
  const link = runUrl === null ? '' : `: [run](${runUrl})`;
  return `The org is as it was last applied again${link}.`;
}

/** What is said when an issue is closed that tells of the same as another. */
export function driftToldIn(issue: number): string {
  return `The same is told in #${issue}, which is kept up to date.`;
}

function waysBack({ report, applyWorkflow }: DriftNews): string {
  const name = word(report.plan.environment.name);
  // By their addresses: a name alone may be that of a kind, of several objects, or of an option.
  const names = report.drifts.map(({ address }) => address);
  const targets = names.length > MOST_TARGETS ? '' : ` --target ${names.map(word).join(' ')}`;
  return [
    '### What to do',
    '**The org is right:** bring what it has into git. Move it from `exported/` into the ' +
      'manifests, open a pull request; its plan is empty when git says the same.',
    fenced(`npx --no -- strategos export --env ${name} --out exported${targets}`),
    '**Git is right:** bring the org back. The first command plans and waits for approval like ' +
      'every merge; the second asks at your terminal.',
    fenced(
      `gh workflow run ${applyWorkflow}\n` + `npx --no -- strategos apply --env ${name}${targets}`,
    ),
  ].join('\n\n');
}

/** A code block that nothing inside can end. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}sh\n${text}\n${fence}`;
}

/** One word for a shell, whatever is in it. */
function word(text: string): string {
  const shown = visible(text);
  return /^[\w./@%+-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
