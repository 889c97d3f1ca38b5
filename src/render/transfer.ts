/** Records that go from one owner to another: who, to whom, which, and what became of them. */
import { ownerText, type Owner } from '../core/owner.js';
import { plural } from '../core/plural.js';
import type { Handover } from '../core/transfer.js';
import { visible } from '../core/visible.js';
import { jsonText } from './json.js';
import { escapeMarkdown } from './markdown.js';
import type { Style } from './style.js';
import { addressText } from './wording.js';

export interface TransferReport {
  readonly run: string;
  readonly state: string;
  readonly exitCode: number;
  readonly environment: string;
  readonly organization: { readonly id: string; readonly name: string };
  readonly from: Owner;
  readonly to: Owner;
  readonly handovers: readonly Handover[];
}

export function transferJson(report: TransferReport): string {
  const { handovers, organization, from, to, ...rest } = report;
  return jsonText({
    ...rest,
    organization: { id: organization.id, name: organization.name },
    from: plain(from),
    to: plain(to),
    records: handovers.map(({ record, state, message }) => ({
      address: record.address,
      state,
      message,
      before: plain(record.owner),
      after: state === 'planned' || state === 'transferred' ? plain(to) : null,
    })),
  });
}

function plain({ name, environment }: Owner): { name: string; environment: string } {
  return { name, environment };
}

export function transferText(report: TransferReport, style: Style): string {
  const { organization, from, to, handovers } = report;
  return [
    `In "${visible(organization.name)}"`,
    `  from ${visible(ownerText(from))}`,
    `  to   ${visible(ownerText(to))}`,
    '',
    ...handovers.map((one) => lineText(one, style)),
    '',
    style.strong(transferTotal(report)),
  ].join('\n');
}

function lineText({ record, state, message }: Handover, style: Style): string {
  const address = addressText(record.address);
  const since = `applied by ${visible(record.run)} at ${visible(record.at)}`;
  if (state === 'planned') return `→ ${style.strong(address)}  ${style.faint(since)}`;
  if (state === 'transferred') return style.good(`✓ ${address} ${state}`);
  return `${style.bad(`✗ ${address} ${state}`)}: ${visible(message)}`;
}

export function transferMarkdown(report: TransferReport): string {
  const { organization, from, to, handovers } = report;
  const lines = handovers.map(({ record, state, message }) => {
    const why = message === '' ? '' : `: ${message}`;
    return `- ${escapeMarkdown(record.address)} ${escapeMarkdown(`${state}${why}`)}`;
  });
  return [
    `## ${transferTotal(report)}`,
    escapeMarkdown(`Organization "${organization.name}"`),
    `From ${escapeMarkdown(ownerText(from))}<br>to ${escapeMarkdown(ownerText(to))}`,
    lines.join('\n'),
    '',
  ].join('\n\n');
}

/** `Transferred: 3 records; 0 not.` */
export function transferTotal({ handovers }: Pick<TransferReport, 'handovers'>): string {
  const count = (state: Handover['state']): number =>
    handovers.filter((one) => one.state === state).length;
  const planned = count('planned');
  const unchanged = 'no object is changed';
  if (planned > 0) return `Transfer: ${plural(planned, 'record')} to hand over; ${unchanged}.`;
  const done = count('transferred');
  const left = handovers.length - done;
  return `Transferred: ${plural(done, 'record')}; ${left} not; ${unchanged}.`;
}
