/**
 * The settings with which Electric makes Postgres format values, whatever the writing session has
 * set.
 */
export const RENDER_SETTINGS = {
  bytea_output: 'hex',
  DateStyle: 'ISO, DMY',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  IntervalStyle: 'iso_8601',
} as const
