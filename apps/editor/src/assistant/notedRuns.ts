/** An answer that this tab writes, noted so that a reload continues it. */
export interface NotedRun {
  readonly docId: string
  readonly requestId: string
  /** The name of the run in the claim of the request. */
  readonly runner: string
  readonly prompt: string
}

// The storage of the tab: it survives a reload, and no other tab has it.
const KEY = 'y-electric:assistant-runs'

export function notedRuns(): NotedRun[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '[]')
    return Array.isArray(stored) ? stored.filter(isRun) : []
  } catch {
    return []
  }
}

export const noteRun = (run: NotedRun): void => keep([...without(run.requestId), run])

export const forgetRun = (requestId: string): void => keep(without(requestId))

const without = (requestId: string): NotedRun[] =>
  notedRuns().filter((run) => run.requestId !== requestId)

function keep(runs: readonly NotedRun[]): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(runs))
  } catch {
    // Storage is full or forbidden: after a reload the person presses “Continue”.
  }
}

function isRun(value: unknown): value is NotedRun {
  const names: (keyof NotedRun)[] = ['docId', 'requestId', 'runner', 'prompt']
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof Reflect.get(value, name) === 'string')
  )
}
