/** How Electric has Postgres write values, whatever the session that makes the change has set. */
export const RENDER_SETTINGS = {
  bytea_output: 'hex',
  DateStyle: 'ISO, DMY',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  IntervalStyle: 'iso_8601',
} as const
