/** Thrown if the command line names something that does not exist. */
export class UsageError extends Error {}
