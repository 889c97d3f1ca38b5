/** We cannot go on: the errors that end a command, and the exit code of each. */
import type { Issue } from './issue.js';
import type { RequestRecord } from './types.js';

/** Exit codes are a promise to scripts; README lists them. */
export const EXIT = {
  done: 0,
  unexpected: 1,
  changes: 2,
  invalid: 3,
  refused: 4,
  incomplete: 5,
  denied: 6,
  unreachable: 7,
  usage: 64,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Who has to act: the person at the keyboard, the platform, or the maintainers of this tool. */
export type ErrorSource = 'user' | 'platform' | 'us';

export interface ErrorDetail {
  /** What to do. */
  readonly hint?: string;
  /** The request that failed, when one did. */
  readonly request?: RequestRecord;
  /** What the message says, one by one, where it says several things. */
  readonly parts?: readonly string[];
  readonly cause?: unknown;
}

/** Base of every error that ends a command. `message`: subject, what, why; `hint`: what to do. */
export class AppError extends Error {
  readonly hint: string | undefined;
  readonly request: RequestRecord | undefined;
  readonly parts: readonly string[];

  constructor(
    readonly code: string,
    readonly exitCode: ExitCode,
    readonly source: ErrorSource,
    message: string,
    detail: ErrorDetail = {},
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'AppError';
    this.hint = detail.hint;
    this.request = detail.request;
    this.parts = detail.parts ?? [message];
  }
}

/** Manifests, a plan or org file or the configuration are wrong; carries every issue. Exit 3. */
export class InvalidInput extends AppError {
  constructor(
    message: string,
    readonly issues: readonly Issue[] = [],
    detail: ErrorDetail = {},
  ) {
    super('invalid-input', EXIT.invalid, 'user', message, detail);
  }
}

/** A guard, a stale plan, a held lock or foreign ownership stands in the way. Exit 4. */
export class Refused extends AppError {
  constructor(code: string, message: string, detail: ErrorDetail = {}) {
    super(code, EXIT.refused, 'user', message, detail);
  }
}

/** A name of an object stands for nothing in the org; everything else can go on. Exit 5. */
export class UnknownName extends AppError {
  constructor(message: string, detail: ErrorDetail = {}) {
    super('unknown-name', EXIT.incomplete, 'user', message, detail);
  }
}

/** The command line is wrong. Exit 64. */
export class WrongUsage extends AppError {
  constructor(message: string, detail: ErrorDetail = {}) {
    super('wrong-usage', EXIT.usage, 'user', message, detail);
  }
}

/** Stopped by a signal; what was in flight is recorded. Exit 130. */
export class Interrupted extends AppError {
  constructor(message: string) {
    super('interrupted', EXIT.interrupted, 'user', message);
  }
}

/**
 * What an answer of the platform means for us. `denied` is 401 and 403, `gone` 404, `conflict` a
 * precondition that no longer holds, `rejected` any other refusal of the request as sent,
 * `unavailable` 429 and 5xx after every retry, or no answer at all.
 */
export type PlatformFault = 'denied' | 'gone' | 'conflict' | 'rejected' | 'unavailable';

/** Translated once, at the adapter, from status and code; the fault decides the exit code. */
export class PlatformError extends AppError {
  /** The request was a write, and may have taken effect although it failed. */
  readonly unclear: boolean;
  /** How long the platform wants to be left alone from now on; 0 where it has not said. */
  readonly waitMs: number;

  constructor(
    readonly fault: PlatformFault,
    code: string,
    message: string,
    detail: ErrorDetail & {
      readonly request: RequestRecord;
      readonly unclear?: boolean;
      readonly waitMs?: number;
    },
  ) {
    super(code, PLATFORM_EXIT[fault], 'platform', message, detail);
    this.unclear = detail.unclear ?? false;
    this.waitMs = detail.waitMs ?? 0;
  }
}

/** The platform has answered that there is nothing. */
export function saysGone(error: unknown): error is PlatformError {
  return error instanceof PlatformError && error.fault === 'gone';
}

const PLATFORM_EXIT: Record<PlatformFault, ExitCode> = {
  denied: EXIT.denied,
  gone: EXIT.unexpected,
  conflict: EXIT.refused,
  rejected: EXIT.unexpected,
  unavailable: EXIT.unreachable,
};

/** What the operating system calls an error, `ENOSPC`; else the error as text. */
export function systemCode(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : String(error);
}
