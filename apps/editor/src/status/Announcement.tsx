import { useEffect, useState } from 'react'

const SETTLE_MS = 1_000

/** Says the badge's words to a screen reader once they stand, and not each that passes by. */
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
