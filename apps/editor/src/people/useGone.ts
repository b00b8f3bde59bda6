import { useEffect, useRef, useState } from 'react'
import type { Present } from './people.ts'

/** Somebody who was here while this page was open. */
export interface Gone {
  readonly person: Present
  /** Milliseconds since 1970. */
  readonly lastSeen: number
}

/** The most people of whom the page remembers that they left. */
const MOST = 12

/** Those who were here and are not any more, the latest first. */
export function useGone(people: readonly Present[]): readonly Gone[] {
  const [gone, setGone] = useState<readonly Gone[]>([])
  const before = useRef(people)
  useEffect(() => {
    const left = goneSince(before.current, people)
    before.current = people
    setGone((known) => withGone(known, people, left))
  }, [people])
  return gone
}

const goneSince = (before: readonly Present[], now: readonly Present[]): Gone[] => {
  const here = new Set(now.map(({ id }) => id))
  return before
    .filter(({ id, isYou }) => !isYou && !here.has(id))
    .map((person) => ({ person, lastSeen: Date.now() }))
}

/** The list after some people came back and others left. */
export function withGone(
  known: readonly Gone[],
  people: readonly Present[],
  left: readonly Gone[],
): readonly Gone[] {
  const without = new Set([...people, ...left.map(({ person }) => person)].map(({ id }) => id))
  const kept = known.filter(({ person }) => !without.has(person.id))
  return left.length === 0 && kept.length === known.length
    ? known
    : [...left, ...kept].slice(0, MOST)
}
