import type { Difference } from '@y-electric/documents'
import type { SnapshotInfo } from '@y-electric/server'
import { useEffect, useId, useRef, useState } from 'react'
import { ApiError, fetchDifference } from './api.ts'
import { Changes } from './Changes.tsx'
import { Problem } from './Problem.tsx'
import { type Asking, oneAtATime, useThrottled } from './timing.ts'
import { versionName } from './versionName.ts'

/** The minimum time between two comparisons with the current document, in milliseconds. */
const COMPARE_MS = 1_000

interface DifferenceViewProps {
  docId: string
  from: SnapshotInfo
  others: readonly SnapshotInfo[]
  edition: number
}

/** The changes since a version, until now or until another version. */
export function DifferenceView({ docId, from, others, edition }: DifferenceViewProps) {
  const [to, setTo] = useState<number | 'now'>('now')
  const [difference, setDifference] = useState<Difference | null>(null)
  const [problem, setProblem] = useState<ApiError | null>(null)
  const asking = useRef<Asking>(undefined)
  const latest = useThrottled(edition, COMPARE_MS)
  const id = useId()

  useEffect(() => {
    setDifference(null)
    setProblem(null)
    const opened = oneAtATime(async (signal) => {
      try {
        const fetched = await fetchDifference(docId, { from: from.seq, to, signal })
        if (signal.aborted) return
        setDifference(fetched)
        setProblem(null)
      } catch (error) {
        if (!signal.aborted && error instanceof ApiError) setProblem(error)
      }
    })
    asking.current = opened
    return () => opened.end()
  }, [docId, from.seq, to])

  const news = to === 'now' ? latest : 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of any of them must compare.
  useEffect(() => asking.current?.ask(), [docId, from.seq, to, news])

  return (
    <div className="difference" data-testid="difference">
      <p className="difference-head">
        <label htmlFor={id}>Changes from here to</label>
        <select
          id={id}
          value={to}
          onChange={({ target }) => setTo(target.value === 'now' ? 'now' : Number(target.value))}
        >
          <option value="now">now</option>
          {others
            .filter(({ seq }) => seq !== from.seq)
            .map((snapshot) => (
              <option key={snapshot.seq} value={snapshot.seq}>
                {versionName(snapshot)}
              </option>
            ))}
        </select>
      </p>
      {problem !== null && <Problem error={problem} />}
      {problem === null && difference === null && <p className="inspector-nothing">Comparing…</p>}
      {problem === null && difference !== null && <Changes difference={difference} />}
    </div>
  )
}
