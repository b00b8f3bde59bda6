// A history as scripts: who does what, and what must have reached him before.
import * as Y from 'yjs'
import type { History } from '../../test/harness/history.ts'
import { replayInMemory, replaySteps } from '../../test/harness/historyReplay.ts'

/** The Y.Text of a replayed document. */
export const TEXT_NAME = 'body'

export interface ScriptStep {
  readonly editCount: number
  /** Another writer made something that this step builds on and no earlier one of this writer. */
  readonly waitsForOthers: boolean
  /** What the document must hold; true at once for a writer who is alone. */
  isReady(doc: Y.Doc): boolean
  perform(doc: Y.Doc): void
}

/** For each agent of the recording the steps that he does, in order. */
export type Script = readonly (readonly ScriptStep[])[]

/** The same script can be performed any number of times, at once too: each time in other documents. */
export function writeScript(history: History): Script {
  return history.agentCount === 1 ? [soloScript(history)] : jointScript(history)
}

/** Edits as a person makes them. */
function soloScript(history: History): ScriptStep[] {
  return Array.from(replaySteps(history), (step) => ({
    editCount: step.editCount,
    waitsForOthers: false,
    isReady: () => true,
    perform: (doc: Y.Doc) => step.apply(doc.getText(TEXT_NAME)),
  }))
}

/**
 * Positions of one who writes beside others mean something only in the very text that he saw, and
 * live documents hold more than that. So the edits are made in memory first, and performed as the
 * Yjs updates that they are: those fit wherever their parents have arrived.
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
      // Its origin is the script: for the provider it is a local edit.
      perform: (doc) => Y.applyUpdate(doc, update, script),
    })
  }
  return script
}

/** By what one sees that an update has arrived: the ids that it brought, and those that it deleted. */
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
