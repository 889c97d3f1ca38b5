/** What somebody changed in the org: field, both sides, who and when. */
import type { JSX } from 'preact';
import type { DriftRow, View } from '../view/model.js';
import { columnsOf, Section, Table, Time } from './parts.js';

export function Drift({ view: { drift } }: { readonly view: View }): JSX.Element {
  return (
    <Section id="drift" title="Drift">
      <p>
        <strong>{drift.summary}</strong>
      </p>
      {drift.objects.map(({ address, text, by, rows }) => (
        <article key={address} class="card wide edge-update" aria-label={address}>
          <header>
            <h3>
              {address} {text}
            </h3>
          </header>
          {by === null ? null : (
            <p>
              <By {...by} />
            </p>
          )}
          {rows.length === 0 ? null : (
            <Table
              label={`Drift of ${address}`}
              columns={columnsOf(drift.head)}
              rows={rows.map(({ field, git, org, applied, line, ...who }) => ({
                key: field,
                cells: [field, git, org, applied, <By key="who" {...who} />, line],
              }))}
            />
          )}
        </article>
      ))}
      {drift.pending === null ? null : <p>{drift.pending}</p>}
    </Section>
  );
}

function By({ who, at }: Pick<DriftRow, 'who' | 'at'>): JSX.Element {
  return (
    <>
      {who}
      {at === null ? null : (
        <>
          {', '}
          <Time at={at} />
        </>
      )}
    </>
  );
}
