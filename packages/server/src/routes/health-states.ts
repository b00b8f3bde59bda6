/** What may be said of a part. `refused`: it answers, and does not accept this server's credentials. */
export const PART_STATES = ['ok', 'unavailable', 'refused', 'starting'] as const

export type PartState = (typeof PART_STATES)[number]
