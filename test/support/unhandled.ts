/** Rejections that nobody looks after: the command line would end in the midst of its work. */

/** What `act` leaves to nobody, as messages, however it ends itself. */
export async function unhandledIn(act: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const others = process.listeners('unhandledRejection');
  const note = (reason: unknown): void => {
    seen.push(reason instanceof Error ? reason.message : String(reason));
  };
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
  try {
    await act().catch(() => undefined);
    // They are told once nothing else is to be done.
    await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    process.removeListener('unhandledRejection', note);
    for (const other of others) process.on('unhandledRejection', other);
  }
  return seen;
}
