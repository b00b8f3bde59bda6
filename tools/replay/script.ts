// Converts a history into one script for each writer: its steps, and the dependencies of each step.
import * as Y from 'yjs'
import type { History } from '../../test/harness/history.ts'
import { replayInMemory, replaySteps } from '../../test/harness/historyReplay.ts'

/** The Y.Text of a replayed document. */
export const TEXT_NAME = 'body'

export interface ScriptStep {
  readonly editCount: number
  /** Whether this step builds on an edit of another writer that no earlier step of this writer needed. */
  readonly waitsForOthers: boolean
  /** Whether the document contains all edits that this step builds on. Always true for a single writer. */
  isReady(doc: Y.Doc): boolean
  perform(doc: Y.Doc): void
}

/** The steps of each agent of the recording, in order. */
export type Script = readonly (readonly ScriptStep[])[]

/** Makes the script of a history. It can be performed several times, also at once, in different documents. */
export function writeScript(history: History): Script {
  return history.agentCount === 1 ? [soloScript(history)] : jointScript(history)
}

/** The steps of a single writer: each edit at its recorded position. */
function soloScript(history: History): ScriptStep[] {
  return Array.from(replaySteps(history), (step) => ({
    editCount: step.editCount,
    waitsForOthers: false,
    isReady: () => true,
    perform: (doc: Y.Doc) => step.apply(doc.getText(TEXT_NAME)),
  }))
}

/**
 * The steps of several writers at once. A recorded position is valid only in the exact text that its writer
 * saw, and a live document may contain further edits. So the script makes the edits in memory first. A step
 * then applies the Yjs update of its edit, which is valid in every document that contains its parents.
 */
function jointScript(history: History): ScriptStep[][] {
  const script: ScriptStep[][] = Array.from({ length: history.agentCount }, () => [])
  const marks: Mark[] = []
  for (const { agent, needs, editCount, update } of replayInMemory(history, TEXT_NAME)) {
    const needed = needs.map((index) => marks[index] ?? nothing)
    marks.push(markOf(update))
    script[agent]?.push({
      editCount,
      waitsForOthers: needs.length > 0,
      isReady: (doc) => needed.every((mark) => holds(doc, mark)),
      // The origin is the script, so the provider treats the update as a local edit.
      perform: (doc) => Y.applyUpdate(doc, update, script),
    })
  }
  return script
}

/** Identifies an update that has arrived: the ids that it inserted, and those that it deleted. */
interface Mark {
  readonly brought: readonly Y.ID[]
  readonly deleted: readonly Y.ID[]
}

const nothing: Mark = { brought: [], deleted: [] }

function markOf(update: Uint8Array): Mark {
  const { structs, ds } = Y.decodeUpdate(update)
  return {
    brought: structs.map(({ id, length }) => Y.createID(id.client, id.clock + length - 1)),
    deleted: [...ds.clients].flatMap(([client, runs]) =>
      runs.map(({ clock }) => Y.createID(client, clock)),
    ),
  }
}

function holds({ store }: Y.Doc, { brought, deleted }: Mark): boolean {
  const isThere = ({ client, clock }: Y.ID) => Y.getState(store, client) > clock
  return (
    brought.every(isThere) && deleted.every((id) => isThere(id) && Y.getItem(store, id).deleted)
  )
}
