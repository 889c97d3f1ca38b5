/** What the simulated platform refuses: thrown by route functions, answered by `answer`. */
import type platformClient from 'purecloud-platform-client-v2';

export type ErrorBody = platformClient.Models.ErrorBody;
export type Detail = platformClient.Models.Detail;

export interface RefusalExtras {
  readonly details?: readonly Detail[];
  readonly messageParams?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Becomes an ErrorBody with this status and code. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly extras: RefusalExtras = {},
  ) {
    super(message);
    this.name = 'Refusal';
  }
}

/** 400 `bad.request`, or a more exact code of the same status. */
export function badRequest(message: string, code = 'bad.request'): Refusal {
  return new Refusal(400, code, message);
}

/** 400 about one field or more; the message repeats every problem, for people who see only that. */
export function invalidFields(details: readonly (Detail & { text: string })[]): Refusal {
  const message = details.map((detail) => detail.text).join('; ');
  return new Refusal(400, 'bad.request', message, {
    details: details.map(({ errorCode, fieldName }) => ({
      ...(errorCode === undefined ? {} : { errorCode }),
      ...(fieldName === undefined ? {} : { fieldName }),
    })),
  });
}

/** 404 for an object that is not there. */
export function notFound(what: string, id: string, code = 'not.found'): Refusal {
  return new Refusal(404, code, `${what} ${id} was not found`);
}

/** The full ErrorBody, as every refusal carries it. */
export function errorBody(refusal: Refusal, correlationId: string): ErrorBody {
  const { details = [], messageParams } = refusal.extras;
  return {
    message: refusal.message,
    code: refusal.code,
    status: refusal.status,
    contextId: correlationId,
    details: [...details],
    errors: [],
    ...(messageParams === undefined ? {} : { messageParams: { ...messageParams } }),
  };
}
