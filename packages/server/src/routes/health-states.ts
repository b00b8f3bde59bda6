/** The states of a part. `refused`: the part answers, but does not accept this server's credentials. */
export const PART_STATES = ['ok', 'unavailable', 'refused', 'starting'] as const

export type PartState = (typeof PART_STATES)[number]
