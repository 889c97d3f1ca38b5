/** What is looked at again and again says each time what was wrong with it: people hear it once. */

export class SaidAgain {
  private now = new Set<string>();

  /** `before`: `null` where the first look says what whoever began it has said already. */
  constructor(
    private readonly say: (text: string) => void,
    private before: ReadonlySet<string> | null = new Set(),
  ) {}

  /** Says what the look before this one had not to say. */
  readonly tell = (text: string): void => {
    this.now.add(text);
    if (this.before?.has(text) === false) this.say(text);
  };

  /** A look is over. */
  ended(): void {
    this.before = this.now;
    this.now = new Set();
  }
}
