/** The page: one section at a time on a screen, all of them on paper. */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { View } from '../view/model.js';
import { Drift } from './drift.js';
import { lasting, plural } from './format.js';
import { Metrics } from './metrics.js';
import { Now } from './now.js';
import { Optimizer } from './optimizer.js';
import { Badge, Printing, Time } from './parts.js';
import { Plan } from './plan.js';
import { Routing } from './routing.js';
import { Runs } from './runs.js';

const SECTIONS = [
  ['routing', 'Routing', Routing],
  ['now', 'Now', Now],
  ['optimizer', 'Optimizer', Optimizer],
  ['plan', 'Plan', Plan],
  ['drift', 'Drift', Drift],
  ['runs', 'Runs', Runs],
  ['metrics', 'Metrics', Metrics],
] as const;

/** What is known of the org's last answer. */
export interface Health {
  /** Why the last look failed; `null` where it did not. */
  readonly failure: string | null;
  /** The page hears nothing from the command that serves it. */
  readonly isLost: boolean;
  /** When what is shown was seen; milliseconds since 1970. */
  readonly seenMs: number;
}

/** A look that takes longer is told of, with the age of what is shown meanwhile. */
const USUAL_LOOK_MS = 5000;

export function App(props: { readonly view: View; readonly health: Health | null }): JSX.Element {
  const { view, health } = props;
  const chosen = useHash();
  const isPrinting = usePrinting();
  const current = SECTIONS.find(([id]) => id === chosen) ?? SECTIONS[0];
  return (
    <Printing.Provider value={isPrinting}>
      <a class="skip" href={`#${current[0]}-heading`}>
        Skip to the content
      </a>
      <header class="top">
        <Heading view={view} />
        <nav aria-label="Sections">
          <ul>
            {SECTIONS.map(([id, text]) => (
              <li key={id}>
                <a href={`#${id}`} aria-current={id === current[0] ? 'page' : undefined}>
                  {text}
                  <Mark id={id} view={view} />
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <main>
        <Trouble view={view} health={health} />
        {SECTIONS.filter(([id]) => isPrinting || id === current[0]).map(([id, , Part]) => (
          <Part key={id} view={view} />
        ))}
      </main>
      <footer>
        strategos {view.version}. This page only reads: it changes nothing in the org.
      </footer>
    </Printing.Provider>
  );
}

function Heading({ view }: { readonly view: View }): JSX.Element {
  const { environment, at, interval } = view;
  return (
    <div class="heading">
      <h1>{environment.name}</h1>
      <p>
        {environment.organization}, {environment.host}, {environment.backend};{' '}
        {interval === null ? 'as of' : `looked at every ${interval} s, last`} <Time at={at} />
      </p>
    </div>
  );
}

/** How much there is to see behind a link. */
function Mark({ id, view }: { readonly id: string; readonly view: View }): JSX.Element | null {
  const counts: Record<string, readonly [number, string]> = {
    now: [view.queues.filter(({ severity }) => severity > 0).length, 'queue in trouble'],
    plan: [view.plan.changes.length + view.plan.blocked.length, 'change'],
    drift: [view.drift.objects.length, 'object that drifted'],
    runs: [view.runs.filter(({ problems }) => problems.length > 0).length, 'broken log'],
  };
  const [value, what] = counts[id] ?? [0, ''];
  if (value === 0) return null;
  const many = what.startsWith('queue') ? 'queues in trouble' : what.replace('object', 'objects');
  const spoken = value === 1 ? what : many === what ? `${what}s` : many;
  return (
    <>
      {' '}
      <span class="count" aria-label={`(${value} ${spoken})`}>
        {value}
      </span>
    </>
  );
}

function Trouble(props: {
  readonly view: View;
  readonly health: Health | null;
}): JSX.Element | null {
  const { view, health } = props;
  const now = useNow(health !== null);
  const why = health === null ? null : whyOld(health, now, view.interval ?? 0);
  if (why === null && view.missing.length === 0) return null;
  return (
    <div class="trouble" role="status">
      {why === null ? null : (
        <p>
          <Badge state={why.state}>{why.text}</Badge>
        </p>
      )}
      {view.missing.length === 0 ? null : (
        <details open>
          <summary>{plural(view.missing.length, 'thing')} could not be read</summary>
          <ul>
            {view.missing.map(({ what, why }) => (
              <li key={what}>
                {what}: {why}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** `interval`: seconds. `null` where what is shown is as new as can be. */
function whyOld(
  { failure, isLost, seenMs }: Health,
  now: number,
  interval: number,
): { readonly state: 'warn' | 'bad'; readonly text: string } | null {
  const what = `what is shown is ${lasting(now - seenMs)} old.`;
  if (isLost) {
    return { state: 'bad', text: `Nothing is heard from strategos console: ${what}` };
  }
  if (failure !== null) {
    return { state: 'bad', text: `The last look at the org failed (${failure}): ${what}` };
  }
  const isLate = now - seenMs > interval * 1000 + USUAL_LOOK_MS;
  return isLate ? { state: 'warn', text: `The org has not answered yet: ${what}` } : null;
}

function useHash(): string {
  const [hash, setHash] = useState(sectionIn(location.hash));
  // At once, and not when it is painted: who turns to a section meanwhile is heard.
  useLayoutEffect(() => {
    const onChange = (): void => {
      const { hash: next } = location;
      // The link that skips leads into the section that is shown.
      if (!next.endsWith('-heading')) setHash(sectionIn(next));
    };
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return hash;
}

function sectionIn(hash: string): string {
  return hash.replace(/^#/, '').replace(/-heading$/, '');
}

function usePrinting(): boolean {
  const [isPrinting, setPrinting] = useState(false);
  useLayoutEffect(() => {
    const { dataset } = document.documentElement;
    const before = (): void => {
      // Paper is white, also where the screen is dark: charts are drawn in what is written here.
      dataset['printing'] = '';
      setPrinting(true);
    };
    const after = (): void => {
      delete dataset['printing'];
      setPrinting(false);
    };
    addEventListener('beforeprint', before);
    addEventListener('afterprint', after);
    return () => {
      removeEventListener('beforeprint', before);
      removeEventListener('afterprint', after);
    };
  }, []);
  return isPrinting;
}

/** Milliseconds since 1970; moves on only where somebody looks again. */
function useNow(isLive: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isLive) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isLive]);
  return now;
}
