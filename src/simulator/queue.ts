/** A queue of the simulated org, and the division that it is in. */
import type { JsonObject } from '../core/json.js';

export interface Queue {
  readonly id: string;
  name: string;
  description: string | null;
  readonly division: Division;
  memberIds: readonly string[];
  /** Members in another ring than the first. */
  readonly ringOf: Map<string, number>;
  readonly wrapupCodeIds: Set<string>;
  /** What a PUT replaces: see `queue-settings.ts`. */
  settings: JsonObject;
  /** Makes the activation of a strategy that leads here fail. */
  readonly disabled: boolean;
  /** What is answered within so long is in time. */
  answerWithinMs: number;
  /** Interactions with an agent now, and those still waiting. */
  interacting: number;
  waiting: number;
  readonly dateCreated: string;
  dateModified: string;
  modifiedBy: string | null;
}

export interface Division {
  readonly id: string;
  readonly name: string;
}
