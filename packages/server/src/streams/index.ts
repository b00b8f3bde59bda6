import type pg from 'pg'
import { type RegistryOptions, StreamRegistry } from './registry.ts'
import { createRevocations, type Listen, type Revocations } from './revocations.ts'

/** The open streams of a server, and the revocations that end them. */
export interface Streams {
  readonly streams: StreamRegistry
  readonly revocations: Revocations
}

/** @param listen absent: only revocations that reach this server end streams at once */
export function createStreams(
  pool: pg.Pool,
  limits: RegistryOptions['limits'],
  listen: Listen | undefined,
): Streams {
  const streams: StreamRegistry = new StreamRegistry({
    limits,
    onActive: (isActive) => revocations.setActive(isActive),
  })
  const revocations = createRevocations(pool, streams, listen)
  return { streams, revocations }
}
