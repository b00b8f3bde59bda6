/**
 * An abort controller that also follows another signal. `AbortSignal.any` and `.timeout` would do,
 * but are missing in React Native and older Safari.
 */
export function linkedAbort(signal: AbortSignal | null | undefined): {
  controller: AbortController
  /** Stops following; nothing stays registered on `signal`. */
  unlink: () => void
} {
  const controller = new AbortController()
  const abort = () => controller.abort(signal?.reason)
  if (signal?.aborted) abort()
  else signal?.addEventListener('abort', abort, { once: true })
  return { controller, unlink: () => signal?.removeEventListener('abort', abort) }
}

/** Runs `work` with a signal that follows `signal` for just as long: nothing stays registered on it. */
export async function withSignal<T>(
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { controller, unlink } = linkedAbort(signal)
  try {
    return await work(controller.signal)
  } finally {
    unlink()
  }
}
