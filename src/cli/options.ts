/** What the commands take: the shape of the command line, for those who carry it out. */

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

export interface PlanOptions {
  readonly out?: string;
  readonly target?: string[];
  readonly detailedExitcode?: boolean;
}

/** What the user has agreed to before a plan is carried out. */
export interface Consent {
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly expectDigest?: string;
}

export interface ApplyOptions extends Consent {
  readonly target?: string[];
}

export interface ExportOptions {
  readonly out: string;
  readonly target?: string[];
  readonly overwrite?: boolean;
}

export interface SimulatorOptions {
  readonly port: number;
  readonly org?: string;
  readonly latency: number;
  readonly rateLimit: number;
}

export interface DemoOptions {
  readonly keep?: boolean;
}
