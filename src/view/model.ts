/**
 * What the page shows, as data: made by whoever has an org before him, drawn by whoever has only
 * this. Texts are as they come from manifests and the org: whoever draws them never takes them for
 * markup. Times are RFC 3339, UTC; parts are 0 to 1; what is not known is `null`.
 */

export interface View {
  /** When the org was looked at. */
  readonly at: string;
  readonly version: string;
  readonly environment: Place;
  /** Seconds from one look to the next; `null` where nobody looks again. */
  readonly interval: number | null;
  readonly strategies: readonly StrategyView[];
  /** Whatever needs somebody comes first. */
  readonly queues: readonly QueueView[];
  /** From which occupancy on a queue is busy, and full: the next call is likely to wait. */
  readonly levels: Levels;
  readonly tuned: readonly TunedView[];
  readonly plan: PlanView;
  readonly drift: DriftView;
  /** Newest first. */
  readonly runs: readonly RunView[];
  /** Of the platform's audit; oldest first. */
  readonly events: readonly EventView[];
  /** False: there may be more of them, that could not be read. */
  readonly hasAllEvents: boolean;
  readonly metrics: MetricsView;
  /** What could not be read, and why: nothing of it is shown as if it were not there. */
  readonly missing: readonly Missing[];
}

/** What moves on from look to look where nothing else does. */
export interface Times {
  /** Of the view. */
  readonly at: string;
  /** Of its metrics. */
  readonly to: string;
}

export interface Place {
  readonly name: string;
  readonly organization: string;
  readonly host: string;
  readonly backend: string;
}

export interface Missing {
  readonly what: string;
  readonly why: string;
}

export interface StrategyView {
  readonly address: string;
  readonly name: string;
  readonly status: string;
  /** Not ours: whose it is, in words. */
  readonly whose: string | null;
  readonly ways: readonly Way[];
  /** Where calls would go once the plan is carried out; `null` where it changes nothing here. */
  readonly planned: readonly Way[] | null;
  /** The word for what the plan would do: `update`. */
  readonly action: string | null;
}

/** From a strategy to a queue. */
export interface Way {
  readonly queueId: string | null;
  readonly queue: string;
  readonly role: 'target' | 'fallback';
  /** Lower ones are tried first. */
  readonly tier: number;
  readonly weight: number;
  /** Of the calls of its tier. */
  readonly share: number;
  readonly capacity: number | null;
}

export interface Levels {
  readonly busy: number;
  readonly full: number;
}

export interface QueueView {
  readonly id: string;
  readonly name: string;
  readonly onQueue: number | null;
  readonly interacting: number | null;
  readonly waiting: number | null;
  /** Of whoever waits now; `null` where nobody does, or the platform does not say. */
  readonly longestWaitSeconds: number | null;
  /** Calls that its agents can handle at once. */
  readonly slots: number | null;
  readonly occupancy: number | null;
  /** What the queue promises: answered within so many seconds, of so many. */
  readonly withinSeconds: number | null;
  readonly targetPart: number | null;
  /** Of the calls of the last hour. */
  readonly inTime: number | null;
  readonly averageWaitSeconds: number | null;
  readonly abandoned: number | null;
  /** Why it stands where it stands; empty where nothing is the matter. */
  readonly trouble: string;
  readonly severity: 0 | 1 | 2;
}

/** The weights of one strategy over time, by the rounds of the optimizer on record here. */
export interface TunedView {
  readonly address: string;
  readonly name: string;
  readonly bounds: { readonly min: number; readonly max: number } | null;
  readonly queues: readonly string[];
  /** Oldest first; one number a queue. */
  readonly rounds: readonly TunedRound[];
}

export interface TunedRound {
  readonly at: string;
  readonly run: string;
  readonly state: string;
  readonly reason: string;
  readonly before: readonly (number | null)[];
  /** After it: those before where they were not written. */
  readonly weights: readonly (number | null)[];
  readonly aims: readonly (number | null)[];
  readonly occupancy: readonly (number | null)[];
}

export interface Table {
  readonly title: string | null;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface PlanView {
  readonly summary: string;
  readonly digest: string;
  readonly alarms: readonly string[];
  readonly notes: readonly string[];
  readonly changes: readonly ChangeView[];
  readonly blocked: readonly {
    readonly address: string;
    /** As what it is left. */
    readonly how: string;
    readonly texts: readonly string[];
  }[];
}

export interface ChangeView {
  /** As in every other form of a plan: `+`, `~`, `-`. */
  readonly sign: string;
  readonly action: string;
  readonly address: string;
  readonly remark: string;
  readonly tables: readonly Table[];
  readonly checks: readonly { readonly state: 'good' | 'warn' | 'bad'; readonly text: string }[];
  readonly prediction: PredictionView | null;
}

export interface PredictionView {
  readonly lines: readonly string[];
  readonly queues: readonly PredictedBar[];
}

/** Parts of all who are offered to the queue. */
export interface PredictedBar {
  readonly queue: string;
  readonly withinSeconds: number;
  readonly before: number;
  readonly after: number;
  /** Of the difference. */
  readonly low: number;
  readonly high: number;
  /** Of a single hour after the change. */
  readonly hourLow: number;
  readonly hourHigh: number;
  readonly waitBefore: number;
  readonly waitAfter: number;
}

export interface DriftView {
  readonly summary: string;
  /** Of the columns of its tables. */
  readonly head: readonly string[];
  readonly objects: readonly {
    readonly address: string;
    readonly text: string;
    /** Of a deleted object. */
    readonly by: Pick<DriftRow, 'who' | 'at'> | null;
    readonly rows: readonly DriftRow[];
  }[];
  readonly pending: string | null;
}

export interface DriftRow {
  readonly field: string;
  readonly git: string;
  readonly org: string;
  readonly applied: string;
  readonly who: string;
  /** `null` where that is not known. */
  readonly at: string | null;
  readonly line: string;
}

export type Mark = 'good' | 'warn' | 'bad' | 'quiet';

export interface RunView {
  readonly id: string;
  readonly command: string;
  readonly actor: string;
  readonly at: string;
  /** `null` where it did not end. */
  readonly until: string | null;
  readonly state: string;
  /** Whether it went well; a run that is neither `good` nor `quiet` needs somebody. */
  readonly mark: Mark;
  /** What is wrong with its log; empty where its chain is as it was written. */
  readonly problems: readonly string[];
  readonly count: number;
  /** Requests that wrote to the org, or may have; 0 of a run that only read. */
  readonly writes: number;
  /** Objects that they were about; 0 where they were about its own lock and log alone. */
  readonly objects: number;
  /** The last of them; `count` says how many there are. */
  readonly records: readonly RecordView[];
}

export interface RecordView {
  readonly seq: number;
  readonly at: string;
  readonly what: string;
  readonly address: string;
  readonly request: string;
  readonly outcome: string;
}

export interface EventView {
  readonly at: string;
  readonly who: string;
  readonly action: string;
  readonly what: string;
  readonly run: string | null;
  readonly from: string;
  /** Excerpts of long values, from where they begin to differ. */
  readonly changes: readonly {
    readonly property: string;
    readonly before: string;
    readonly after: string;
  }[];
}

export interface MetricsView {
  /** False: they could not be read, which is not the same as that there are none. */
  readonly isKnown: boolean;
  readonly from: string;
  readonly to: string;
  readonly partMinutes: number;
  readonly queues: readonly {
    readonly id: string;
    readonly name: string;
    readonly parts: readonly MetricsPart[];
    readonly total: Omit<MetricsPart, 'at'>;
  }[];
}

export interface MetricsPart {
  readonly at: string;
  readonly offered: number;
  readonly answered: number;
  readonly abandoned: number;
  readonly waitSeconds: number | null;
  /** Answered within what their queue promises. */
  readonly inTime: number | null;
}
