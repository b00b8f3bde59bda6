// A task of a client process: replays a recorded session with one client for each author, and a reader.
import { randomUUID } from 'node:crypto'
import { setImmediate as nextTask } from 'node:timers/promises'
import type * as Y from 'yjs'
import { loadHistory } from '../../../test/harness/history.ts'
import { type ScriptStep, TEXT_NAME, writeScript } from '../../replay/script.ts'
import { editsInOneGo, mostUnsavedEdits, untilReady } from '../../replay/writer.ts'
import type { Client, ClientModule } from './client.ts'

/** @returns the seconds until all edits are acknowledged and all clients have them */
export async function session(
  { Y, open }: ClientModule,
  { url, trace }: { url: string; trace: string },
): Promise<number> {
  const history = await loadHistory(trace)
  const script = writeScript(history)
  const docId = `session-${randomUUID()}`
  const join = async () => {
    const doc = new Y.Doc()
    return { doc, client: await open(url, docId, doc) }
  }
  const reader = await join()
  const writers = await Promise.all(script.map(async (steps) => ({ steps, ...(await join()) })))
  const all = [reader, ...writers]
  const began = performance.now()
  await Promise.all(writers.map(({ steps, doc, client }) => perform(steps, doc, client)))
  await Promise.all(all.map(({ doc }) => untilText(doc, history.endContent)))
  const seconds = (performance.now() - began) / 1_000
  await Promise.all(all.map(({ client }) => client.close()))
  return seconds
}

/** Performs the steps at the pace of `npm run replay`. */
async function perform(steps: readonly ScriptStep[], doc: Y.Doc, client: Client): Promise<void> {
  const { signal } = new AbortController()
  let [inOneGo, unsaved] = [0, 0]
  for (const step of steps) {
    if (inOneGo >= editsInOneGo || !step.isReady(doc)) {
      inOneGo = 0
      await nextTask()
      await untilReady(step, doc, signal)
    }
    if (unsaved >= mostUnsavedEdits) {
      unsaved = 0
      await client.saved()
    }
    step.perform(doc)
    inOneGo += step.editCount
    unsaved += step.editCount
  }
  await client.saved()
}

function untilText(doc: Y.Doc, content: string): Promise<void> {
  const text = doc.getText(TEXT_NAME)
  const isComplete = () => text.length === content.length && text.toString() === content
  if (isComplete()) return Promise.resolve()
  return new Promise((resolve) => {
    const look = () => {
      if (!isComplete()) return
      doc.off('update', look)
      resolve()
    }
    doc.on('update', look)
  })
}
