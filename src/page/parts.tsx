/** What every section is made of. */
import { createContext, type ComponentChildren, type JSX } from 'preact';
import { useContext, useState } from 'preact/hooks';
import type { Mark, Table as TableOf } from '../view/model.js';
import { localTime } from './format.js';

/** On paper there is nothing to press: all of it is shown. */
export const Printing = createContext(false);

/** The first of them, and what shows more. */
export function useSome<T>(
  all: readonly T[],
  step: number,
): readonly [readonly T[], JSX.Element | null] {
  const [most, setMost] = useState(step);
  const isPrinting = useContext(Printing);
  const left = all.length - most;
  if (isPrinting || left <= 0) return [all, null];
  const more = (
    <button type="button" onClick={() => setMost(most + step)}>
      Show {Math.min(step, left)} more of {left}
    </button>
  );
  return [all.slice(0, most), more];
}

/** True where one of the texts has what is searched for, in any case. */
export function isIn(texts: readonly string[], search: string): boolean {
  const wanted = search.trim().toLocaleLowerCase();
  return wanted === '' || texts.some((text) => text.toLocaleLowerCase().includes(wanted));
}

/** Narrows a list: by a text, and by one of a few filters. */
export function Controls<F extends string>(props: {
  /** `by strategy or queue` */
  readonly by: string;
  readonly search: string;
  readonly onSearch: (text: string) => void;
  readonly filter: F;
  readonly filters: readonly (readonly [F, string])[];
  readonly onFilter: (filter: F) => void;
  /** `3 strategies of 500` */
  readonly found: string;
}): JSX.Element {
  const { by, search, onSearch, filter, filters, onFilter, found } = props;
  return (
    <form class="controls" role="search" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span>
          Search <span class="faint">{by}</span>
        </span>
        <input
          type="search"
          value={search}
          onInput={(event) => onSearch(event.currentTarget.value)}
        />
      </label>
      <label>
        Show
        <select value={filter} onChange={(event) => onFilter(event.currentTarget.value as F)}>
          {filters.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <p role="status" class="faint">
        {found}
      </p>
    </form>
  );
}

/** In the zone of the reader; UTC when pointed at. */
export function Time({ at }: { readonly at: string }): JSX.Element {
  return (
    <time dateTime={at} title={`${at} (UTC)`}>
      {localTime(at)}
    </time>
  );
}

export function Section(props: {
  readonly id: string;
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const heading = `${props.id}-heading`;
  return (
    <section id={props.id} aria-labelledby={heading}>
      <h2 id={heading} tabIndex={-1}>
        {props.title}
      </h2>
      {props.children}
    </section>
  );
}

export interface Column {
  readonly name: string;
  readonly isNumber?: boolean;
}

export interface Row {
  readonly key: string;
  readonly class?: string;
  /** One a column; the first names the row. */
  readonly cells: readonly ComponentChildren[];
}

/**
 * A table; on a narrow screen every row is a block of its own, with the name of its column before
 * each cell. A browser takes what is no block of a table for no table: so the roles are said.
 */
export function Table(props: {
  readonly label: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}): JSX.Element {
  const { label, columns, rows } = props;
  return (
    <div class="scrolling" role="region" aria-label={label} tabIndex={0}>
      <table role="table">
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th key={column.name} role="columnheader" scope="col" class={classOf(column)}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={row.key} role="row" class={row.class}>
              {columns.map((column, index) => (
                <Cell key={column.name} column={column} isFirst={index === 0}>
                  {row.cells[index]}
                </Cell>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell(props: {
  readonly column: Column;
  readonly isFirst: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { column, isFirst, children } = props;
  if (isFirst) {
    return (
      <th role="rowheader" scope="row">
        {children}
      </th>
    );
  }
  return (
    <td role="cell" class={classOf(column)} data-label={column.name}>
      <span>{children}</span>
    </td>
  );
}

function classOf({ isNumber = false }: Column): string | undefined {
  return isNumber ? 'number' : undefined;
}

export function columnsOf(names: readonly string[]): Column[] {
  return names.map((name) => ({ name }));
}

/** Rows of texts. */
export function TextTable({
  label,
  head,
  rows,
}: { readonly label: string } & Pick<TableOf, 'head' | 'rows'>): JSX.Element {
  const keyed = rows.map((cells, index) => ({ key: String(index), cells }));
  return <Table label={label} columns={columnsOf(head)} rows={keyed} />;
}

/** A sign beside the word, so that no meaning is in the colour alone. */
export function Badge(props: {
  readonly state: Mark;
  readonly children: ComponentChildren;
}): JSX.Element {
  const sign = { good: '✓', warn: '!', bad: '✗', quiet: '·' }[props.state];
  return (
    <span class={`badge ${props.state}`}>
      <span aria-hidden="true">{sign} </span>
      {props.children}
    </span>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <p class="empty">{children}</p>;
}
