/** The org file as written: see `schemas/org.schema.json`. Names stand where the wire has ids. */
import type { JsonObject } from '../core/json.js';

export interface OrgFile {
  readonly organization?: { readonly id?: string; readonly name?: string };
  /** Left out: one client `demo` with the secret `demo` that may do everything. */
  readonly clients?: readonly OrgFileClient[];
  readonly skills?: readonly string[];
  readonly users?: readonly OrgFileUser[];
  readonly queues?: readonly OrgFileQueue[];
  readonly flows?: readonly OrgFileFlow[];
  /** What queues refer to, by name. */
  readonly prompts?: readonly string[];
  readonly scripts?: readonly string[];
  readonly groups?: readonly string[];
  readonly teams?: readonly string[];
  readonly libraries?: readonly string[];
  /** Conversations that an agent handles at once, by media type. */
  readonly utilization?: Readonly<Record<string, number>>;
  readonly strategies?: readonly OrgFileStrategy[];
  readonly generate?: OrgFileRule;
  readonly traffic?: readonly TrafficRule[];
}

export interface OrgFileClient {
  readonly id: string;
  readonly secret: string;
  /** Default: everything. */
  readonly permissions?: readonly string[];
  /** Seconds that a token lives; default 86 400. */
  readonly tokenSeconds?: number;
  /** The user that this client acts as. */
  readonly user?: string;
}

export interface OrgFileUser {
  readonly name: string;
  readonly skills?: readonly string[];
  readonly status?: 'idle' | 'interacting' | 'offQueue';
}

export interface OrgFileQueue {
  readonly name: string;
  readonly division?: string;
  readonly members?: readonly string[];
  readonly interacting?: number;
  readonly waiting?: number;
  /** As the platform has them: what a PUT of a queue replaces. */
  readonly settings?: JsonObject;
  /** The promise of the queue: default 20. */
  readonly answerWithinSeconds?: number;
  readonly disabled?: boolean;
}

/** Names of what it uses; they may be of things that only come to be. */
export interface OrgFileFlow {
  readonly name: string;
  /** Default: `1.0`. */
  readonly version?: string;
  /** As dependency tracking calls it; default: `INBOUNDCALLFLOW`. */
  readonly type?: string;
  readonly uses?: {
    readonly skills?: readonly string[];
    readonly languages?: readonly string[];
    readonly wrapupCodes?: readonly string[];
    readonly queues?: readonly string[];
    readonly tables?: readonly string[];
    readonly schedules?: readonly string[];
    readonly scheduleGroups?: readonly string[];
    readonly emergencyGroups?: readonly string[];
  };
}

export interface OrgFileStrategy {
  readonly name: string;
  /** Default: active. */
  readonly status?: 'draft' | 'active' | 'failed';
  readonly errorMessage?: string;
  readonly selectionCriteria?: {
    readonly skills?: readonly { readonly skill: string; readonly required?: boolean }[];
  };
  readonly targets: readonly {
    readonly queue: string;
    readonly priority: number;
    readonly weight: number;
    readonly capacity: number;
  }[];
  readonly fallback?: {
    readonly queue: { readonly queue: string; readonly priority: number; readonly weight: number };
  };
}

/** Counts; what is left out is 0. */
interface OrgFileRule {
  readonly queues?: number;
  readonly users?: number;
  readonly skills?: number;
  readonly membersPerQueue?: number;
  readonly skillsPerUser?: number;
}

/** Interactions that enter a strategy; times between arrivals, handling and patience are means. */
export interface TrafficRule {
  readonly strategy: string;
  readonly arrivalsPerHour: number;
  readonly handleSeconds: number;
  readonly patienceSeconds: number;
  /** From and until when it arrives, in seconds since the traffic began. Default: always. */
  readonly fromSeconds?: number;
  readonly untilSeconds?: number;
  /** Where some queues take another time than `handleSeconds`, by the names of the queues. */
  readonly handleSecondsByQueue?: Readonly<Record<string, number>>;
  /** Squared coefficient of variation of handle times. Default 1, exponential; else lognormal. */
  readonly handleVariation?: number;
  /** In turns, over and over: arrivals by this factor, for that long on the mean. */
  readonly bursts?: readonly { readonly factor: number; readonly seconds: number }[];
}
