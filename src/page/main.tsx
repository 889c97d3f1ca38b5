/** Begins with the data that came with the page; a live one goes on with what it is told. */
import { render } from 'preact';
import type { View } from '../view/model.js';
import { App, type Health } from './app.js';
import 'uplot/dist/uPlot.min.css';

const place = document.getElementById('page');
const given = document.getElementById('view')?.textContent ?? '';
const isLive = document.documentElement.dataset['live'] === 'true';

let view: View | null = given === '' ? null : (JSON.parse(given) as View);
let health: Health | null = isLive ? { failure: null, isLost: false } : null;

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

function listen(): void {
  const events = new EventSource('events');
  events.addEventListener('view', ({ data }: MessageEvent<string>) => {
    health = { failure: null, isLost: false };
    if (data !== last) view = JSON.parse(data) as View;
    last = data;
    show();
  });
  events.addEventListener('failure', ({ data }: MessageEvent<string>) => {
    health = { failure: JSON.parse(data) as string, isLost: false };
    show();
  });
  events.addEventListener('error', () => {
    health = { failure: health?.failure ?? null, isLost: true };
    show();
  });
}

show();
if (isLive) listen();
