/**
 * The number of structs of a snapshot row that an older server stored without a count: it may be any number.
 * The next fold replaces the row by one with a count.
 */
export const UNCOUNTED = Number.POSITIVE_INFINITY

/** The structs of several update rows together. A row without a count is estimated to hold one struct per 8 bytes. */
export const SUM_STRUCTS = 'coalesce(sum(coalesce(structs, length(data) / 8 + 1)), 0)::float8'
