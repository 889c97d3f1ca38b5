/** What the commands take: the shape of the command line, for those who carry it out. */
import type { AgentsWish, CallsWish } from './what-if.js';
import type { PredictOptions } from './at-time.js';
import type { SpanOptions } from './span.js';

export type Format = 'text' | 'json' | 'markdown' | 'html';

/** Options that every command takes. */
export interface CommonOptions {
  readonly dir: string;
  readonly runs: string;
  readonly format: Format;
  readonly env?: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

export interface DoctorOptions {
  /** Also tries what only a table of its own can tell. */
  readonly write?: boolean;
  readonly out?: string;
  readonly yes?: boolean;
}

export interface PlanOptions extends PredictOptions {
  readonly out?: string;
  readonly adopt?: boolean;
  readonly target?: string[];
  readonly detailedExitcode?: boolean;
}

/** What the user has agreed to before a plan is carried out. */
export interface Consent {
  readonly yes?: boolean;
  /** Guards against too much at once give way. */
  readonly force?: boolean;
  /** Objects that are in the org and nobody's become ours. */
  readonly adopt?: boolean;
  readonly expectDigest?: string;
}

/** How long to wait for a lock that another run holds. */
export interface Patience {
  /** Seconds. */
  readonly lockTimeout: number;
}

export interface ApplyOptions extends Consent, Patience {
  readonly target?: string[];
}

export interface RollbackOptions extends Consent, Patience {
  readonly target?: string[];
  readonly dryRun?: boolean;
}

export interface DriftOptions {
  readonly target?: string[];
  /** How far back the platform's audit is searched. */
  readonly auditDays: number;
}

export interface OptimizeOptions {
  readonly watch?: boolean;
  /** Seconds from one round to the next. */
  readonly interval: number;
  readonly rounds?: number;
  readonly dryRun?: boolean;
  readonly target?: string[];
}

export interface SyncOptions {
  readonly target?: string[];
  /** Only what waits in the outbox: the org is asked for nothing. */
  readonly pending?: boolean;
}

export interface MetricsOptions extends SpanOptions {
  readonly target?: string[];
  /** A media type of the platform, or `all`. */
  readonly media: string;
  readonly predictions?: boolean;
}

/** Of `predict`. */
export interface ForecastOptions {
  readonly target?: string[];
  readonly agents?: readonly AgentsWish[];
  readonly rate?: readonly CallsWish[];
}

export interface TrailOptions extends SpanOptions {
  readonly format: Format | 'jsonl' | 'cloudevents';
  readonly target?: string[];
  readonly user?: string;
  readonly action?: string;
  /** Seconds that one query of the platform's audit may take. */
  readonly timeout: number;
}

export interface CycleOptions {
  readonly yes?: boolean;
  /** Of the optimizer. */
  readonly rounds: number;
}

export interface VerifyOptions {
  /** Compare with the head that the org has. */
  readonly org?: boolean;
}

export interface UnlockOptions {
  readonly yes?: boolean;
  readonly force?: boolean;
}

export interface TransferOptions extends Patience {
  /** Names of owners, as messages show them. */
  readonly from: string;
  readonly to: string;
  readonly target?: string[];
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

export interface CompareOptions {
  readonly from: string;
  readonly to: string;
  readonly target?: string[];
  readonly detailedExitcode?: boolean;
}

export interface ExportOptions {
  readonly out: string;
  readonly target?: string[];
  /** Every kind, in a folder a kind. */
  readonly all?: boolean;
  /** Who is a member of what: names of people. */
  readonly members?: boolean;
  /** Names of further parts. */
  readonly with?: string[];
  readonly overwrite?: boolean;
  /** Manifests of what the org has no more are removed. */
  readonly prune?: boolean;
  readonly yes?: boolean;
}

export interface InitOptions {
  readonly owner?: string;
  readonly environment?: string;
  readonly host?: string;
  readonly package?: string;
  readonly branch?: string;
  readonly patience?: boolean;
  readonly format: 'text' | 'json';
}

export interface ReportOptions extends SpanOptions {
  /** A folder, or a file. */
  readonly out: string;
}

export interface ConsoleOptions {
  readonly port: number;
  /** Seconds from one look at the org to the next. */
  readonly interval: number;
}

export interface UpgradeOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly format: 'text' | 'json';
}

export interface CiMatrixOptions {
  readonly ifChanged?: boolean;
}

/** What every `ci` command takes. */
export interface CiOptions {
  readonly dir: string;
  readonly runs: string;
  readonly env?: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** Whose comments and issues are ours. */
export interface Authored {
  readonly author: string;
}

export interface CiCommentOptions extends Authored {
  /** Folder with the run folders of the jobs that planned; absent for the runs of this machine. */
  readonly plans?: string;
  /** JSON array of the names of those that should have a plan. */
  readonly environments?: string;
}

export interface CiApplyOptions extends Patience {
  readonly expectDigest: string;
  /** Folder with the run folder of the job that planned. */
  readonly planned?: string;
  /** As `ci plan` has put it out. */
  readonly pullRequest?: string;
}

export interface CiDriftOptions extends DriftOptions, Authored {
  /** File name of the workflow that brings the org back. */
  readonly applyWorkflow: string;
}

export interface SimulatorOptions {
  readonly port: number;
  readonly org?: string;
  readonly latency: number;
  /** Absent: as the profile says, else 300. */
  readonly rateLimit?: number;
  readonly faults?: string;
  readonly profile?: string;
  readonly seed?: number;
}

export interface DemoOptions {
  readonly backend: 'datatable' | 'strategies-api';
  readonly keep?: boolean;
  /** The operating cycle in the place of the main job. */
  readonly full?: boolean;
}
