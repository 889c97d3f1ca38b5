/** Events → lines on stderr: what is happening now, for whoever waits. */
import { succeeded } from '../core/outcome.js';
import type { CheckResult } from '../core/types.js';
import { visible } from '../core/visible.js';
import type { Event, Events } from '../engine/ports.js';
import { plural } from '../core/plural.js';
import { checkText } from '../render/wording.js';
import type { CommonOptions } from './options.js';
import { ProgressDisplay } from './progress-display.js';
import type { World } from './world.js';

/** Waits shorter than this are not worth a line. */
const NOTABLE_WAIT_MS = 2000;

export interface ProgressOptions extends Pick<CommonOptions, 'quiet' | 'verbose'> {
  /** What takes long is shown although `quiet` keeps all else back. */
  readonly brief?: boolean;
}

export interface Progress extends Events {
  /** Nothing is shown of what was under way; what comes after is shown again. */
  readonly end: () => void;
}

export function progress(world: World, options: ProgressOptions): Progress {
  const display = new ProgressDisplay(world);
  const isShown = !options.quiet || options.brief;
  const tell = lines(world, options);
  const emit = (event: Event): void => {
    tell(event);
    if (isShown) display.apply(event);
  };
  return { emit, end: () => display.end() };
}

/** What happens, a line each. */
function lines(
  world: World,
  options: Pick<CommonOptions, 'quiet' | 'verbose'>,
): (event: Event) => void {
  const isDrawn = world.status !== null && !options.verbose;
  let lastWait = '';
  const line = (text: string): void => world.err(`${world.errStyle.faint(text)}\n`);
  const warn = (text: string): void => {
    world.err(`${world.errStyle.warn('warning')}: ${visible(text)}\n`);
  };
  return (event) => {
    if (event.type === 'warning') return warn(event.text);
    if (event.type === 'circuit-open') return warn(circuitText(event.forMs));
    if (options.quiet) return;
    switch (event.type) {
      case 'observing':
        // Where a line can be drawn again, that one says so once it takes long.
        return isDrawn ? undefined : line('reading the org…');
      case 'observed':
        return line(`found ${visible(event.what)} in ${plural(event.requests, 'request')}`);
      case 'request':
        if (options.verbose)
          line(`    ${event.method} ${visible(event.path)} ${visible(event.answer)}`);
        return;
      case 'change-started':
        return line(`${event.action} ${visible(event.address)}`);
      case 'step':
        return line(`    ${STEP[event.step] ?? visible(event.step)}`);
      case 'checked':
        return checkLines(event.results, options.verbose === true).forEach(line);
      case 'change-ended':
        // Success needs no line: the next change follows, and the result lists them all.
        if (succeeded(event.outcome)) return;
        return line(
          [event.outcome.address, event.outcome.state, event.outcome.message]
            .map(visible)
            .join(': '),
        );
      case 'importing':
        return line(`importing ${plural(event.rows, event.what)}`);
      case 'not-imported':
        return line(`    one by one instead: ${visible(event.reason)}`);
      case 'waiting':
        if (options.verbose || (event.ms >= NOTABLE_WAIT_MS && event.reason !== lastWait)) {
          lastWait = event.reason;
          if (!isDrawn)
            line(`    ${visible(event.reason)}; waiting ${(event.ms / 1000).toFixed(1)} s`);
        }
        return;
      case 'told':
        return line(
          `told workforce management at ${visible(event.endpoint)}: ` +
            plural(event.messages, 'message'),
        );
      case 'asked':
      case 'answered':
      case 'doing':
        return;
    }
  };
}

function circuitText(forMs: number): string {
  const seconds = Math.ceil(forMs / 1000);
  return `the platform has answered nothing but errors for ${seconds} s: it is left alone now`;
}

const STEP: Readonly<Record<string, string>> = {
  create: 'creating',
  update: 'updating',
  activate: 'activating',
  delete: 'deleting',
};

/** The plan has said of each what was found: now those that do not pass count. */
function checkLines(results: readonly CheckResult[], verbose: boolean): string[] {
  const passed = results.filter((one) => one.passed);
  return [
    ...(verbose ? passed.map((one) => `    check passed: ${checkText(one)}`) : []),
    ...(verbose || passed.length === 0 ? [] : [`    ${plural(passed.length, 'check')} passed`]),
    ...results.filter((one) => !one.passed).map((one) => `    check failed: ${checkText(one)}`),
  ];
}
