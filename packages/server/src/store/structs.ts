/**
 * How much a snapshot row holds that was written by a server which does not count structs: perhaps any
 * number. The next fold replaces it by one that is counted.
 */
export const UNCOUNTED = Number.POSITIVE_INFINITY

/** The structs of several update rows together. A row that was not counted has about one in 8 bytes. */
export const SUM_STRUCTS = 'coalesce(sum(coalesce(structs, length(data) / 8 + 1)), 0)::float8'
