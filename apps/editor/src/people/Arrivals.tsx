import { useEffect, useRef, useState } from 'react'
import { comingAndGoing, type Present } from './people.ts'

const SETTLE_MS = 1_500

/**
 * Announces to screen readers who came and who left: politely, and after the changes have settled.
 */
export function Arrivals({ people }: { people: readonly Present[] }) {
  const told = useRef<readonly Present[]>([])
  const [news, setNews] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => {
      const sentence = comingAndGoing(told.current, people)
      told.current = people
      if (sentence !== null) setNews(sentence)
    }, SETTLE_MS)
    return () => clearTimeout(timer)
  }, [people])
  return (
    <p className="visually-hidden" role="status" data-testid="arrivals">
      {news}
    </p>
  )
}
