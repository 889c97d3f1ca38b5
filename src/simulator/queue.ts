/** A queue of the simulated org, and the division that it is in. */
export interface Queue {
  readonly id: string;
  name: string;
  description: string | null;
  readonly division: Division;
  readonly memberIds: readonly string[];
  /** Makes the activation of a strategy that leads here fail. */
  readonly disabled: boolean;
  /** What is answered within so long is in time. */
  readonly answerWithinMs: number;
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
