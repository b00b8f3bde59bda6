import { useEffect, useRef, useState } from 'react'
import type { Doc } from 'yjs'
import { ApiError, fetchSnapshot } from '../api.ts'
import { type Block, blocksOf } from './blocks.ts'
import { changedIdsOf, NOTHING_CHANGED } from './changedIds.ts'
import { Replay } from './Replay.ts'

/** The document at a position. */
export interface Then {
  /** How many of the stored rows it has. */
  readonly count: number
  readonly blocks: readonly Block[]
}

interface ReplayRequest {
  readonly docId: string
  /** The seq of the snapshot row that the rows continue; null if there is none. */
  readonly base: number | null
  readonly rows: readonly Uint8Array[]
  readonly count: number
}

/** Builds the document after some rows, and builds it again for each other request. The last one is shown meanwhile. */
export function useReplay({ docId, base, rows, count }: ReplayRequest): {
  readonly then: Then | null
  readonly problem: ApiError | null
} {
  const [then, setThen] = useState<Then | null>(null)
  const [problem, setProblem] = useState<ApiError | null>(null)
  const replay = useRef<Replay>(undefined)
  const snapshot = useSnapshot(docId, base, setProblem)

  useEffect(() => {
    if (snapshot === undefined) return
    replay.current ??= new Replay({ now: () => performance.now(), breathe })
    const aborter = new AbortController()
    const row = rows[count - 1]
    const changed = row === undefined ? NOTHING_CHANGED : changedIdsOf(row)
    const read = (doc: Doc) => blocksOf(doc, changed)
    replay.current.readAfter({ base: snapshot, rows }, count, read, aborter.signal).then(
      (blocks) => {
        if (blocks === null || aborter.signal.aborted) return
        setThen({ count, blocks })
        setProblem(null)
      },
      (error: unknown) =>
        setProblem(new ApiError('corrupt', `the rows cannot be read: ${error}`, 500)),
    )
    return () => aborter.abort()
  }, [snapshot, rows, count])

  return { then, problem }
}

/** The bytes of a snapshot row; null if there is none, undefined until they are read. */
function useSnapshot(
  docId: string,
  seq: number | null,
  onProblem: (problem: ApiError) => void,
): Uint8Array | null | undefined {
  const [snapshot, setSnapshot] = useState<{ seq: number; data: Uint8Array } | null>(null)
  useEffect(() => {
    if (seq === null) return
    const aborter = new AbortController()
    fetchSnapshot(docId, seq, aborter.signal).then(
      (data) => setSnapshot({ seq, data }),
      (error: unknown) => {
        if (!aborter.signal.aborted && error instanceof ApiError) onProblem(error)
      },
    )
    return () => aborter.abort()
  }, [docId, seq, onProblem])
  if (seq === null) return null
  return snapshot?.seq === seq ? snapshot.data : undefined
}

/** Lets the browser draw and handle input. */
const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
