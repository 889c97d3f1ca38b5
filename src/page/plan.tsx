/** The plan as in the comment, and what callers would feel of it. */
import type { JSX } from 'preact';
import type { ChangeView, PlanView, PredictedBar, View } from '../view/model.js';
import { percent, seconds } from './format.js';
import { Badge, Section, TextTable } from './parts.js';

export function Plan({ view: { plan } }: { readonly view: View }): JSX.Element {
  return (
    <Section id="plan" title="Plan and prediction">
      <p>
        <strong>{plan.summary}</strong> <span class="id">{plan.digest}</span>
      </p>
      <Lines plan={plan} />
      {plan.changes.map((change) => (
        <Change key={change.address} change={change} />
      ))}
      {plan.blocked.map(({ address, how, texts }) => (
        <article key={address} class="card wide edge-bad" aria-label={address}>
          <header>
            <h3>
              {address} {how}
            </h3>
          </header>
          <ul>
            {texts.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </article>
      ))}
    </Section>
  );
}

function Lines({ plan: { alarms, notes } }: { readonly plan: PlanView }): JSX.Element | null {
  if (alarms.length + notes.length === 0) return null;
  return (
    <ul class="lines">
      {alarms.map((text) => (
        <li key={text}>
          <Badge state="bad">{text}</Badge>
        </li>
      ))}
      {notes.map((text) => (
        <li key={text}>
          <Badge state="warn">{text}</Badge>
        </li>
      ))}
    </ul>
  );
}

function Change({ change }: { readonly change: ChangeView }): JSX.Element {
  const { sign, action, address, remark, tables, checks, prediction } = change;
  return (
    <article class={`card wide edge-${action}`} aria-label={`${action} ${address}`}>
      <header>
        <h3>
          {sign} {action} {address}
        </h3>
        {remark === '' ? null : <span class="faint">{remark}</span>}
      </header>
      {tables.map(({ title, head, rows }, index) => (
        <div key={title ?? index}>
          {title === null ? null : <h4>{title}</h4>}
          <TextTable label={`${title ?? 'Fields'} of ${address}`} head={head} rows={rows} />
        </div>
      ))}
      {checks.length === 0 ? null : (
        <ul class="lines">
          {checks.map(({ state, text }) => (
            <li key={text}>
              <Badge state={state}>{text}</Badge>
            </li>
          ))}
        </ul>
      )}
      {prediction === null || prediction.lines.length + prediction.queues.length === 0 ? null : (
        <div class="prediction">
          <h4>What callers would feel</h4>
          {prediction.lines.map((text) => (
            <p key={text}>{text}</p>
          ))}
          {prediction.queues.map((queue) => (
            <Bars key={queue.queue} of={queue} />
          ))}
        </div>
      )}
    </article>
  );
}

const WIDTH = 300;

function Bars({ of }: { readonly of: PredictedBar }): JSX.Element {
  const { queue, withinSeconds, before, after, hourLow, hourHigh } = of;
  const points = (part: number): string =>
    `${part < 0 ? '−' : '+'}${Math.abs(Math.round(part * 100))}`;
  const text =
    `${percent(before)} → ${percent(after)} within ${withinSeconds} s ` +
    `(difference ${points(of.low)} to ${points(of.high)} points); ` +
    `average wait ${seconds(of.waitBefore)} → ${seconds(of.waitAfter)}`;
  return (
    <figure class="bars">
      <figcaption>
        <strong>{queue}</strong>: {text}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} 30`} role="img" aria-label={`${queue}, in time: ${text}`}>
        <rect class="track" width={WIDTH} height={12} rx={2} />
        <rect class="before" width={before * WIDTH} height={12} rx={2} />
        <rect class="track" y={16} width={WIDTH} height={12} rx={2} />
        <rect class="after" y={16} width={after * WIDTH} height={12} rx={2} />
        <path class="range" d={`M${hourLow * WIDTH} 22H${hourHigh * WIDTH}`} />
      </svg>
      <p class="faint">
        Above: before; below: after, with the range of a single hour ({percent(hourLow)} to{' '}
        {percent(hourHigh)}).
      </p>
    </figure>
  );
}
