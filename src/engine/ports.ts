/** The five ports. Adapters implement them; the engine knows nothing behind them. */
import type { AuditEntry, AuditRecord } from '../core/audit.js';
import type { NamedEntity } from '../core/catalog.js';
import type { Json, JsonObject } from '../core/json.js';
import type { AuditedEvent, Held, Paged, PartRequest } from '../core/resource.js';
import type { Figures } from '../core/metrics.js';
import type { Budget } from '../core/rate-limit.js';
import type { PlatformEvent } from '../core/deeds.js';
import type {
  Action,
  Address,
  CheckResult,
  Consumer,
  Outcome,
  RequestRecord,
} from '../core/types.js';

export interface Organization {
  readonly id: string;
  readonly name: string;
}

/** A member of a queue. `skills` is `null` when the platform did not say. */
export interface Member {
  readonly userId: string;
  readonly joined: boolean;
  readonly skills: readonly string[] | null;
  /** There through a group; absent where the platform does not say. */
  readonly byGroup?: true;
}

/** Somebody of the directory; `null` for what the platform does not say. */
export interface Agent {
  readonly skills: readonly string[] | null;
  readonly onQueue: boolean | null;
}

/** How many people have something, by its id; `isWhole`: nobody was left out. */
export interface Holders {
  readonly counts: ReadonlyMap<string, number>;
  readonly isWhole: boolean;
}

/** The members of queues; a queue of which nothing could be read this way is absent. */
export interface Staffed {
  readonly byQueue: ReadonlyMap<string, readonly Member[]>;
  /** False: a member or a skill may be missing, and `members` knows better. */
  readonly exact: boolean;
}

/** Counts of one queue, now. `onQueue`: agents on queue; `interacting`, `waiting`: calls. */
export interface QueueLoad {
  readonly onQueue: number;
  readonly interacting: number;
  readonly waiting: number;
  /** How long the first in line has waited by now; absent where the platform does not say. */
  readonly longestWaitMs?: number;
}

/** So many of its calls are to be answered within so long. */
export interface QueuePromise {
  readonly withinMs: number;
  /** 0 to 1; `null` where the queue does not say. */
  readonly part: number | null;
}

/** Milliseconds since 1970 UTC; of one service and entity type. */
export interface AuditSearch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly service: string;
  readonly entityType: string;
}

export interface Answer {
  readonly request: RequestRecord;
  /** `null` for an empty answer. */
  readonly body: JsonObject | null;
}

/**
 * Everything that can be asked of an org. Every method rejects with a `PlatformError`. Listings
 * are complete: pages are the adapter's business.
 */
export interface Reader {
  organization(): Promise<Organization>;
  list(path: string, pageSize: number, paged?: Paged): Promise<JsonObject[]>;
  get(path: string): Promise<Answer>;
  queues(): Promise<NamedEntity[]>;
  skills(): Promise<NamedEntity[]>;
  members(queueId: string): Promise<Member[]>;
  /** Of many queues, in as few requests as possible. */
  staff(queueIds: readonly string[]): Promise<Staffed>;
  /** By the ids of people; who is not there is absent. */
  agents(userIds: readonly string[]): Promise<Map<string, Agent>>;
  /** Of everybody in the directory, in a bounded number of requests. */
  holders(of: readonly Held[]): Promise<Holders>;
  /** A queue that the platform says nothing about is absent. */
  loads(queueIds: readonly string[]): Promise<Map<string, QueueLoad>>;
  /**
   * The promise of a queue for a media type of analytics, as its listing had it; `null` where that
   * said nothing.
   */
  promise(queueId: string, mediaType: string): QueuePromise | null;
  /** What names the object of that id by it; `type`: as dependency tracking calls it. */
  consumers(id: string, type: string): Promise<Consumer[]>;
  /** Calls that one agent handles at a time; `null` where the settings do not speak of calls. */
  callsPerAgent(): Promise<number | null>;
  /** Names of the services that the platform audits, each with its entity types. */
  auditServices(): Promise<Map<string, readonly string[]>>;
  /** Every event of the window, oldest first; waits until the platform has gathered them. */
  audits(query: AuditSearch): Promise<AuditedEvent[]>;
  /** Requests sent so far, the token's included. */
  requests(): number;
  /** Requests a minute that the platform's limit leaves to us; `null` until it has said. */
  perMinute(): number | null;
  /** The time of day as the platform has it: its answers tell where a clock here is wrong. */
  nowMs(): number;
  /** By queue id; a queue that had no conversation in the interval is absent. */
  figures(search: FiguresSearch): Promise<Map<string, Figures>>;
  /** The same by parts of the interval, those without any conversation left out. */
  figuresByPart(search: PartsSearch): Promise<Map<string, readonly PartFigures[]>>;
  /** Who is in which queue; one that the platform tells of only in part is absent. */
  attendance(queueIds: readonly string[]): Promise<Map<string, readonly Attendant[]>>;
  /** What the platform audits. */
  auditedActions(): Promise<AuditedAction[]>;
  /** Every event of the search, oldest first; rejects where the platform is not ready in time. */
  auditTrail(search: TrailSearch): Promise<PlatformEvent[]>;
}

/** An action on entities of a type, by the names of the platform. */
export interface AuditedAction {
  readonly service: string;
  readonly entityType: string;
  readonly action: string;
}

export interface TrailSearch extends AuditSearch {
  /** `null` for all. */
  readonly action: string | null;
  /** The longest that we wait for the platform to gather the records of one query. */
  readonly patienceMs: number;
}

/** Milliseconds since 1970 UTC, the end not included. */
export interface FiguresSearch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly queueIds: readonly string[];
  /** Such as `voice`; `null` for all together. */
  readonly mediaType: string | null;
}

export interface PartsSearch extends FiguresSearch {
  readonly partMinutes: number;
}

/** Of one queue, in a part of the interval that begins then; milliseconds since 1970. */
export interface PartFigures {
  readonly fromMs: number;
  readonly of: Figures;
}

/** A member of a queue: whether calls of it are for them, and whether they take any. */
export interface Attendant {
  readonly userId: string;
  readonly joined: boolean;
  readonly onQueue: boolean;
}

/** A reader that may also write: made only where an apply was asked for. */
export interface Writer extends Reader {
  /** The body of what is below an object may be a list. */
  send(request: PartRequest): Promise<Answer>;
  /**
   * A file for an address that the platform has signed. It gets these headers and never our
   * credential; no error, event or record shows what the address is signed with.
   */
  upload(url: string, headers: Readonly<Record<string, string>>, text: string): Promise<Answer>;
}

/** Any answer of the platform, a refusal too. */
export interface Exchanged {
  readonly request: RequestRecord & { readonly status: number };
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The text where it is no JSON; `null` for an empty answer. */
  readonly body: Json;
}

export interface AnyRequest {
  readonly method: 'GET' | PartRequest['method'];
  /** Complete, with its query. */
  readonly path: string;
  readonly body?: JsonObject;
}

/** A reader for whom a refusal is an answer like any other: for finding out what an org does. */
export interface Examiner extends Reader {
  /** Rejects with a `PlatformError` where no answer came, or nobody was let in. */
  exchange(request: AnyRequest): Promise<Exchanged>;
}

/** Milliseconds since 1970 UTC, and waiting. */
export interface Clock {
  now(): number;
  /** Rejects with `Interrupted` where the wait would outlast a run that is to end. */
  sleep(ms: number): Promise<void>;
  /** Milliseconds since whenever, which nobody sets forward or back; absent: `now` is like that. */
  steady?(): number;
}

/** For how long something takes and is waited for; says nothing of the time of day. */
export function steadyMs(clock: Clock): number {
  return clock.steady?.() ?? clock.now();
}

/** Whether the user wants the run to end, for what is under way. */
export interface Stopping {
  /** True once its time is up: nothing more may be sent. */
  isCut(): boolean;
  /** `giveUp` is called when that happens, until the returned function is. */
  onCut(giveUp: () => void): () => void;
}

/** Uniform in [0, 1). */
export interface Random {
  next(): number;
}

/**
 * Resolves when the record is on disk; rejects when it cannot be, and nothing may be sent then.
 * Records are in the order of the calls; many calls that wait for none of each other cost one sync.
 */
export interface AuditLog {
  append(entry: AuditEntry): Promise<AuditRecord>;
  /** The last record that is on disk; `null` before the first. */
  last(): AuditRecord | null;
}

/** What happens, as it happens. The engine never prints; whoever listens does. */
export type Event =
  | {
      readonly type: 'request';
      readonly method: string;
      readonly path: string;
      /** The status, or the code of what kept an answer from coming. */
      readonly answer: string;
    }
  | { readonly type: 'observing' }
  | { readonly type: 'observed'; readonly what: string; readonly requests: number }
  | { readonly type: 'change-started'; readonly address: Address; readonly action: Action }
  | { readonly type: 'step'; readonly address: Address; readonly step: string }
  | {
      readonly type: 'checked';
      readonly address: Address;
      readonly results: readonly CheckResult[];
    }
  | { readonly type: 'change-ended'; readonly outcome: Outcome }
  /** Many rows go in one file: those of objects, claims before them, or records after them. */
  | {
      readonly type: 'importing';
      readonly what: 'row' | 'claim' | 'record';
      readonly rows: number;
    }
  /** They do not, and go one by one. */
  | { readonly type: 'not-imported'; readonly reason: string }
  | {
      readonly type: 'waiting';
      readonly reason: string;
      readonly ms: number;
      /** It is the rate limit that is waited for. */
      readonly limit?: true;
    }
  /** A request is to be sent: at once, or when its turn comes. */
  | { readonly type: 'asked' }
  /** One of those that were asked for is done with, all its repetitions included. */
  | {
      readonly type: 'answered';
      readonly budget: Budget | null;
      /** From the sending of its last try to the answer: the time for its turn is not in it. */
      readonly tookMs: number;
    }
  /** What the requests from here on are for, until the next such event. */
  | {
      readonly type: 'doing';
      readonly what: string;
      /** Changes that will end, each with its event. */
      readonly changes?: number;
      /** About how many requests it will take, where that is known beforehand. */
      readonly requests?: number;
    }
  /** Nothing more is sent for a while: the platform has answered nothing but errors for `forMs`. */
  | { readonly type: 'circuit-open'; readonly forMs: number }
  /** Something that a person should know, and that stops nothing. */
  | { readonly type: 'warning'; readonly text: string }
  /** Workforce management has taken this many messages. */
  | { readonly type: 'told'; readonly endpoint: string; readonly messages: number };

export interface Events {
  emit(event: Event): void;
}
