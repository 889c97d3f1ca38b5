/**
 * How a folder of a test is removed. A process that the test has started may still write into it as
 * it ends (git refreshes its index, a run closes its log), so the folder is asked for once more.
 */
export const GONE = { recursive: true, force: true, maxRetries: 9 } as const;
