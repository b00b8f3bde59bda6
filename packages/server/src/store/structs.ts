/**
 * The number of structs of a snapshot row from a server which did not count them: possibly any number.
 * The next fold replaces the row by one with a count.
 */
export const UNCOUNTED = Number.POSITIVE_INFINITY

/** The structs of several update rows together. A row without a count has about one in 8 bytes. */
export const SUM_STRUCTS = 'coalesce(sum(coalesce(structs, length(data) / 8 + 1)), 0)::float8'
