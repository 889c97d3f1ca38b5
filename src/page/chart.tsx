/** Lines over time. The same numbers stand in a table, for whoever does not see a picture. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { Table, Time } from './parts.js';

export interface Line {
  readonly name: string;
  /** One a time; `null` where nothing is known. */
  readonly values: readonly (number | null)[];
}

export interface ChartProps {
  readonly label: string;
  /** RFC 3339, ascending. */
  readonly times: readonly string[];
  readonly lines: readonly Line[];
  readonly unit: (value: number | null) => string;
  /** Between which the values may be, drawn as a band. */
  readonly band?: { readonly min: number; readonly max: number } | null;
  readonly stepped?: boolean;
}

const HEIGHT = 220;
/** Told apart by the colour-blind as well; and every line has a dash of its own. */
const COLOURS = ['--line-1', '--line-2', '--line-3', '--line-4', '--line-5', '--line-6'];
const DASHES = [[], [8, 4], [2, 3], [12, 4, 2, 4], [6, 2], [1, 4]];

export function Chart(props: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const { label, times, lines } = props;
  const said = JSON.stringify([times, lines, props.band]);
  useEffect(() => {
    const element = place.current;
    if (element === null || times.length === 0) return undefined;
    return drawn(element, props);
    // What is drawn depends on nothing else.
  }, [said]);
  return (
    <figure class="chart">
      <figcaption>{label}</figcaption>
      <div ref={place} role="img" aria-label={`${label}. The numbers are in the table below.`} />
      <details>
        <summary>As numbers</summary>
        <Numbers {...props} />
      </details>
    </figure>
  );
}

function Numbers({ label, times, lines, unit }: ChartProps): JSX.Element {
  const columns = [{ name: 'From' }, ...lines.map(({ name }) => ({ name, isNumber: true }))];
  const rows = times.map((at, index) => ({
    key: at,
    cells: [<Time key={at} at={at} />, ...lines.map(({ values }) => unit(values[index] ?? null))],
  }));
  return <Table label={`${label}, as numbers`} columns={columns} rows={rows} />;
}

/** Returns what takes it away again. */
function drawn(element: HTMLElement, props: ChartProps): () => void {
  const { times, lines, unit, band = null } = props;
  const styles = getComputedStyle(document.documentElement);
  const colour = (name: string): string => styles.getPropertyValue(name).trim();
  const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
  const axis = { stroke: colour('--text'), grid: { stroke: colour('--rule'), width: 1 } };
  const paths = props.stepped === true ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
  const options: uPlot.Options = {
    width: Math.max(280, element.clientWidth),
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    legend: { live: false },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(band?.max ?? 0, max, 1e-9) * 1.05] } },
    axes: [
      { ...axis, values: (_plot, splits) => splits.map((at) => clock.format(at * 1000)) },
      { ...axis, size: 64, values: (_plot, splits) => splits.map((one) => unit(one)) },
    ],
    series: [
      {},
      ...lines.map(({ name }, index) => ({
        label: name,
        stroke: colour(COLOURS[index % COLOURS.length] ?? ''),
        dash: DASHES[index % DASHES.length] ?? [],
        width: 2,
        ...(paths === undefined ? {} : { paths }),
      })),
    ],
    hooks: { drawClear: [(plot) => bandOn(plot, band, colour('--band'))] },
  };
  const data = [
    times.map((at) => Date.parse(at) / 1000),
    ...lines.map(({ values }) => [...values]),
  ] as uPlot.AlignedData;
  const plot = new uPlot(options, data, element);
  const fit = new ResizeObserver(() => {
    const width = Math.max(280, element.clientWidth);
    if (Math.abs(width - plot.width) > 1) plot.setSize({ width, height: HEIGHT });
  });
  fit.observe(element);
  return () => {
    fit.disconnect();
    plot.destroy();
  };
}

function bandOn(plot: uPlot, band: ChartProps['band'], colour: string): void {
  if (band === null || band === undefined) return;
  const { ctx, bbox } = plot;
  const top = plot.valToPos(band.max, 'y', true);
  const bottom = plot.valToPos(band.min, 'y', true);
  ctx.save();
  ctx.fillStyle = colour;
  ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  ctx.restore();
}
