import type pg from 'pg'
import type { Limits } from '../limits.ts'
import { SharedAnswers } from './follow/answers.ts'
import { Followers } from './follow/followers.ts'
import { type RegistryOptions, StreamRegistry } from './registry.ts'
import { createRevocations, type Listen, type Revocations } from './revocations.ts'

/** The open streams of a server, the shapes that they follow, and the revocations that end them. */
export interface Streams {
  readonly streams: StreamRegistry
  readonly revocations: Revocations
  readonly followers: Followers
  readonly polls: SharedAnswers
}

/** @param listen absent: only revocations that reach this server end streams at once */
export function createStreams(
  pool: pg.Pool,
  limits: RegistryOptions['limits'] & Pick<Limits, 'maxUnreadBytes'>,
  listen: Listen | undefined,
): Streams {
  const streams: StreamRegistry = new StreamRegistry({
    limits,
    onActive: (isActive) => revocations.setActive(isActive),
  })
  const revocations = createRevocations(pool, streams, listen)
  return {
    streams,
    revocations,
    followers: new Followers(limits),
    polls: new SharedAnswers(limits.maxUnreadBytes),
  }
}
