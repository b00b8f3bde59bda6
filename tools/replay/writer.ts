// One writer of a replay: performs its steps as fast as the server accepts them.
import { setImmediate as nextTask } from 'node:timers/promises'
import type { ElectricProvider } from 'y-electric'
import type { ScriptStep } from './script.ts'

/**
 * The pace. A fast typist makes one edit per task; here each task makes a few, and the edits made while
 * a batch is in flight form the next batch. The number of unacknowledged edits is limited, so that a
 * history becomes hundreds of rows and not one.
 */
export const editsInOneGo = 20
export const mostUnsavedEdits = 200

export interface WriterOptions {
  readonly provider: ElectricProvider
  readonly steps: readonly ScriptStep[]
  readonly signal: AbortSignal
  onEdits(count: number): void
}

/** Resolves when all steps are done. The provider reports when they are saved. */
export async function performSteps(options: WriterOptions): Promise<void> {
  const { provider, steps, signal, onEdits } = options
  const { doc } = provider
  let unsaved = 0
  let inOneGo = 0
  const noteSaved = (saved: boolean) => {
    if (saved) unsaved = 0
  }
  const pause = async () => {
    onEdits(inOneGo)
    inOneGo = 0
    await nextTask()
    signal.throwIfAborted()
  }

  provider.on('saved', noteSaved)
  try {
    for (const step of steps) {
      if (!step.isReady(doc)) {
        await pause()
        await untilReady(step, doc, signal)
      }
      if (inOneGo >= editsInOneGo) await pause()
      if (unsaved >= mostUnsavedEdits) await provider.whenSaved()
      // A step is one action of a person, so the writer never divides it.
      step.perform(doc)
      inOneGo += step.editCount
      unsaved += step.editCount
    }
    await pause()
  } finally {
    provider.off('saved', noteSaved)
  }
}

/** Waits for the parents of a step, which come from other writers through the server. */
export function untilReady(
  step: ScriptStep,
  doc: ElectricProvider['doc'],
  signal: AbortSignal,
): Promise<void> {
  if (step.isReady(doc)) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      doc.off('update', look)
      signal.removeEventListener('abort', onAbort)
      end()
    }
    const look = () => {
      if (step.isReady(doc)) settle(resolve)
    }
    const onAbort = () => settle(() => reject(signal.reason))
    doc.on('update', look)
    signal.addEventListener('abort', onAbort)
  })
}
