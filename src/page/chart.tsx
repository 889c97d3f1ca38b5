/** Lines over time. The same numbers stand in a table, for whoever does not see a picture. */
import type { JSX } from 'preact';
import { useContext, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { clockTexts } from './format.js';
import { aloneIn, strokeOf } from './lines.js';
import { Printing, Table, Time } from './parts.js';

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
  /** The end of the scale where the values have one, such as all of a part. */
  readonly most?: number;
}

const HEIGHT = 220;
/** A column of paper is no wider than this, whatever the screen is. */
const PAPER_WIDTH = 620;

/** Of a single time there is no course to be drawn: its numbers are all there is. */
export function Chart(props: ChartProps): JSX.Element {
  const { label, times } = props;
  if (times.length > 1) return <Course {...props} />;
  return (
    <figure class="chart">
      <figcaption>{label}</figcaption>
      <Numbers {...props} />
      <p class="faint">A chart is drawn from the second time on.</p>
    </figure>
  );
}

function Course(props: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const { label, times, lines } = props;
  const said = JSON.stringify([times, lines, props.band, useScheme()]);
  // Before it is painted: what is printed is drawn once.
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const { drawing, remove } = drawn(element, props, hidden);
    plot.current = drawing;
    return remove;
    // What is drawn depends on nothing else.
  }, [said]);
  const turn = (name: string, index: number): void => {
    const isHidden = hidden.has(name);
    plot.current?.setSeries(index + 1, { show: isHidden });
    setHidden(new Set(isHidden ? [...hidden].filter((one) => one !== name) : [...hidden, name]));
  };
  return (
    <figure class="chart">
      <figcaption>{label}</figcaption>
      <div ref={place} role="img" aria-label={`${label}. The numbers are in the table below.`} />
      <ul aria-label={`Lines of ${label}`}>
        {lines.map(({ name }, index) => (
          <li key={name}>
            <button
              type="button"
              class="line"
              aria-pressed={!hidden.has(name)}
              title={hidden.has(name) ? 'Show this line' : 'Hide this line'}
              onClick={() => turn(name, index)}
            >
              <Sample index={index} />
              {name}
            </button>
          </li>
        ))}
      </ul>
      <details>
        <summary>As numbers</summary>
        <Numbers {...props} />
      </details>
    </figure>
  );
}

/** The line as it is drawn. */
function Sample({ index }: { readonly index: number }): JSX.Element {
  const { colour, dash } = strokeOf(index);
  return (
    <svg width="32" height="10" aria-hidden="true">
      <line
        x1="0"
        y1="5"
        x2="32"
        y2="5"
        stroke={`var(${colour})`}
        stroke-width="2"
        stroke-dasharray={dash.join(' ')}
      />
    </svg>
  );
}

/** In which colours: a chart is drawn anew where those change. */
function useScheme(): string {
  const isPrinting = useContext(Printing);
  const [dark] = useState(() => matchMedia('(prefers-color-scheme: dark)'));
  const [isDark, setDark] = useState(dark.matches);
  useEffect(() => {
    const onChange = (): void => setDark(dark.matches);
    dark.addEventListener('change', onChange);
    return () => dark.removeEventListener('change', onChange);
  }, [dark]);
  if (isPrinting) return 'print';
  return isDark ? 'dark' : 'light';
}

function Numbers({ label, times, lines, unit }: ChartProps): JSX.Element {
  const columns = [{ name: 'From' }, ...lines.map(({ name }) => ({ name, isNumber: true }))];
  const rows = times.map((at, index) => ({
    key: at,
    cells: [<Time key={at} at={at} />, ...lines.map(({ values }) => unit(values[index] ?? null))],
  }));
  return <Table label={`${label}, as numbers`} columns={columns} rows={rows} />;
}

interface Drawn {
  readonly drawing: uPlot;
  readonly remove: () => void;
}

function drawn(element: HTMLElement, props: ChartProps, hidden: ReadonlySet<string>): Drawn {
  const { times, lines, unit, band = null } = props;
  const styles = getComputedStyle(document.documentElement);
  const colour = (name: string): string => styles.getPropertyValue(name).trim();
  const axis = { stroke: colour('--text'), grid: { stroke: colour('--rule'), width: 1 } };
  const paths = props.stepped === true ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
  const options: uPlot.Options = {
    width: widthIn(element),
    height: HEIGHT,
    // The last time along the axis is as wide as this beyond its end.
    padding: [8, 28, 0, 0],
    cursor: { drag: { x: false, y: false } },
    legend: { show: false },
    scales: { y: { range: (_plot, _min, max) => [0, topOf(max, props) * 1.05] } },
    axes: [
      { ...axis, size: 56, values: (_plot, splits) => clockTexts(splits.map((at) => at * 1000)) },
      { ...axis, size: 64, values: (_plot, splits) => splits.map((one) => unit(one)) },
    ],
    series: [
      {},
      ...lines.map(({ name, values }, index) => ({
        label: name,
        show: !hidden.has(name),
        stroke: colour(strokeOf(index).colour),
        dash: strokeOf(index).dash,
        width: 2,
        points: { filter: pointsIn(values) },
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
    const width = widthIn(element);
    if (Math.abs(width - plot.width) > 1) plot.setSize({ width, height: HEIGHT });
  });
  fit.observe(element);
  const remove = (): void => {
    fit.disconnect();
    plot.destroy();
  };
  return { drawing: plot, remove };
}

function widthIn(element: HTMLElement): number {
  const isPrinting = document.documentElement.dataset['printing'] !== undefined;
  const width = Math.max(280, element.clientWidth);
  return isPrinting ? Math.min(PAPER_WIDTH, width) : width;
}

/** Where points are not drawn for lack of room, those that no line leads to are. */
function pointsIn(values: readonly (number | null)[]): uPlot.Series.Points.Filter {
  const alone = aloneIn(values);
  return (_plot, _series, areShown) => (areShown || alone.length === 0 ? null : alone);
}

/** Of nothing but zeros the scale is that of one. */
function topOf(max: number, { band = null, most = 0 }: ChartProps): number {
  const top = Math.max(band?.max ?? 0, most, max);
  return top > 0 ? top : 1;
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
