/** Begins with the data that came with the page; a live one goes on with what it is told. */
import { render } from 'preact';
import type { Times, View } from '../view/model.js';
import { App, type Health } from './app.js';
import 'uplot/dist/uPlot.min.css';

const place = document.getElementById('page');
const given = document.getElementById('view')?.textContent ?? '';
const { seen } = document.documentElement.dataset;

let view: View | null = given === '' ? null : (JSON.parse(given) as View);
let health: Health | null =
  seen === undefined ? null : { failure: null, isLost: false, seenMs: Number(seen) };

function show(): void {
  if (place === null) return;
  if (view === null) {
    render(<p role="status">{health?.failure ?? 'Looking at the org…'}</p>, place);
  } else {
    document.title = `${view.environment.name} – strategos`;
    render(<App view={view} health={health} />, place);
  }
}

/** The same text again changes nothing on the page. */
let last = given;

function listen(): EventSource {
  const events = new EventSource('events');
  const seenMs = (): number => health?.seenMs ?? Date.now();
  events.addEventListener('view', ({ data, lastEventId }: MessageEvent<string>) => {
    health = { failure: null, isLost: false, seenMs: Number(lastEventId) };
    if (data !== last) view = JSON.parse(data) as View;
    last = data;
    show();
  });
  events.addEventListener('seen', ({ data, lastEventId }: MessageEvent<string>) => {
    health = { failure: null, isLost: false, seenMs: Number(lastEventId) };
    if (view !== null && data !== '') view = later(view, JSON.parse(data) as Times);
    show();
  });
  events.addEventListener('failure', ({ data }: MessageEvent<string>) => {
    health = { failure: JSON.parse(data) as string, isLost: false, seenMs: seenMs() };
    show();
  });
  events.addEventListener('error', () => {
    health = { failure: health?.failure ?? null, isLost: true, seenMs: seenMs() };
    show();
  });
  return events;
}

/** The same at a later time. */
function later(shown: View, { at, to }: Times): View {
  return { ...shown, at, metrics: { ...shown.metrics, to } };
}

/**
 * A browser has six connections for all of its tabs here, and each that listens holds one: so a tab
 * that nobody sees does not listen. It is told the last state when it is shown again.
 */
function listenWhileSeen(): void {
  let events: EventSource | null = null;
  const attend = (): void => {
    if (document.hidden) {
      events?.close();
      events = null;
    } else events ??= listen();
  };
  document.addEventListener('visibilitychange', attend);
  attend();
}

show();
if (seen !== undefined) listenWhileSeen();
