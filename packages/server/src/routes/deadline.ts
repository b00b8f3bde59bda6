/**
 * Runs `work` with a signal that is aborted after `ms` milliseconds. `AbortSignal.timeout` would not use the global
 * timers, which a simulation replaces.
 */
export async function withDeadline<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const aborter = new AbortController()
  const timer = setTimeout(
    () => aborter.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError')),
    ms,
  )
  try {
    return await work(aborter.signal)
  } finally {
    clearTimeout(timer)
  }
}
