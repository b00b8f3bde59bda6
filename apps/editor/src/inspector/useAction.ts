import { useState } from 'react'
import { ApiError } from './api.ts'

/** A request that a button starts: whether it is running, and why it failed. */
export function useAction() {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ApiError | null>(null)

  const run = async (action: () => Promise<void>): Promise<void> => {
    if (isBusy) return
    setBusy(true)
    setProblem(null)
    try {
      await action()
    } catch (error) {
      setProblem(error instanceof ApiError ? error : new ApiError('bad_response', String(error), 0))
    } finally {
      setBusy(false)
    }
  }
  return { isBusy, problem, run }
}
