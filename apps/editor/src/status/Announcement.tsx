import { useEffect, useState } from 'react'

const SETTLE_MS = 1_000

/**
 * Announces the badge's text to screen readers once it is stable, and not each intermediate text.
 */
export function Announcement({ text, isPassing }: { text: string; isPassing: boolean }) {
  const [said, setSaid] = useState('')
  useEffect(() => {
    if (isPassing) return
    const timer = setTimeout(() => setSaid(text), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [text, isPassing])
  return (
    <p className="visually-hidden" role="status">
      {said}
    </p>
  )
}
