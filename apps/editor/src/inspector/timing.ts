import { useEffect, useRef, useState } from 'react'

/** A frequently changing value, updated at most once per `ms` milliseconds. */
export function useThrottled<T>(value: T, ms: number): T {
  const [shown, setShown] = useState(value)
  const latest = useRef(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    latest.current = value
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      setShown(latest.current)
    }, ms)
  }, [value, ms])
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      timer.current = undefined
    },
    [],
  )
  return shown
}

/** The current time, updated every `everyMs` milliseconds. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}

/** A repeatable request. */
export interface Asking {
  readonly ask: () => void
  readonly end: () => void
}

/** Runs one request at a time; calls during a run cause one more run after it. */
export function oneAtATime(run: (signal: AbortSignal) => Promise<void>): Asking {
  const aborter = new AbortController()
  let isRunning = false
  let isAskedAgain = false
  const ask = async () => {
    if (aborter.signal.aborted) return
    if (isRunning) {
      isAskedAgain = true
      return
    }
    isRunning = true
    do {
      isAskedAgain = false
      await run(aborter.signal)
    } while (isAskedAgain && !aborter.signal.aborted)
    isRunning = false
  }
  return { ask: () => void ask(), end: () => aborter.abort() }
}
