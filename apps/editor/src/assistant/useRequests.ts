import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import { type AssistantRequest, readRequests, requestsOf } from './requests.ts'
import { isRunningHere, subscribeToRuns } from './runs.ts'

/** How long a request may be without a page that answers it, before it counts as interrupted. In milliseconds. */
const INTERRUPTED_MS = 5_000

/** The requests of a document, the newest first. */
export function useRequests(doc: Y.Doc): readonly AssistantRequest[] {
  const watch = useMemo(() => watchRequests(doc), [doc])
  return useSyncExternalStore(watch.subscribe, watch.current)
}

function watchRequests(doc: Y.Doc) {
  let requests: readonly AssistantRequest[] = readRequests(doc)
  return {
    current: () => requests,
    subscribe(listener: () => void): () => void {
      const look = () => {
        requests = readRequests(doc)
        listener()
      }
      look()
      requestsOf(doc).observeDeep(look)
      return () => requestsOf(doc).unobserveDeep(look)
    },
  }
}

/** True if no page answers a running request: the page that did is gone. */
export function useIsInterrupted(awareness: Awareness, { id, state }: AssistantRequest): boolean {
  const isAnswered = useSyncExternalStore(
    (listener) => {
      awareness.on('change', listener)
      const unsubscribe = subscribeToRuns(listener)
      return () => {
        awareness.off('change', listener)
        unsubscribe()
      }
    },
    () => isRunningHere(id) || [...awareness.getStates().values()].some(isFor(id)),
  )
  const isMissing = state === 'running' && !isAnswered
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    if (!isMissing) return
    // A reload of the page that answers takes a moment.
    const timer = setTimeout(() => setLate(true), INTERRUPTED_MS)
    return () => {
      clearTimeout(timer)
      setLate(false)
    }
  }, [isMissing])
  return isMissing && isLate
}

const isFor =
  (id: string) =>
  (state: unknown): boolean =>
    typeof state === 'object' && state !== null && Reflect.get(state, 'assistant') === id
