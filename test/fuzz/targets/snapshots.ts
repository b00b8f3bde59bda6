import { decodeSnapshot, foldRows, foldToSnapshot } from 'y-electric/protocol'
import * as Y from 'yjs'
import { buildDocument, verifyFold } from '../adapters/server.ts'
import type { Choices } from '../engine/choices.ts'
import { Finding, type Json, type Target } from '../engine/target.ts'
import { anyBytes, fromHex, mutateBytes, toHex } from '../generators/bytes.ts'
import { HONEST_DOCUMENTS, honestDocument } from '../generators/honest.ts'
import { changedSnapshot, convertedUpdate, runLengthBomb } from '../generators/update-v2.ts'
import { Cost } from '../oracles/cost.ts'
import { requireSameContent, requireSameStructs } from '../oracles/same.ts'

/** A proposal for the fold of stored rows. */
interface Input {
  readonly [key: string]: Json
  readonly honest: number
  /** So many rows are folded already. */
  readonly folded: number
  readonly keepHistory: boolean
  readonly proposal: string
}

/** Processor time that a verdict may take; a worker with a limit does it in the server. Milliseconds. */
const VERDICT_MS = 20_000

/** Folds that a client proposes: one that is accepted must not change the document. */
export function snapshots(): Target {
  const cost = new Cost()
  let mostMemory = 0
  return {
    name: 'snapshots',
    generate,
    run(json) {
      const input = json as Input
      cost.begin()
      const outcome = judgeProposal(input, cost)
      mostMemory = Math.max(mostMemory, process.memoryUsage.rss())
      return outcome
    },
    figures: () => ({
      'slowest verdict ms': cost.worst,
      'most memory MiB': Math.round(mostMemory / 2 ** 20),
    }),
  }
}

function sourcesOf({ honest, folded, keepHistory }: Input) {
  const rows = honestDocument(honest).updates.map((data, i) => ({ seq: i + 1, segment: 0, data }))
  if (folded === 0) return { previous: null, rows }
  const { doc, carried } = foldRows({ previous: null, rows: rows.slice(0, folded) }, !keepHistory)
  const previous = Y.encodeStateAsUpdateV2(doc)
  doc.destroy()
  return { previous, rows: [...carried, ...rows.slice(folded)] }
}

function judgeProposal(input: Input, cost: Cost): string {
  const sources = sourcesOf(input)
  const proposal = fromHex(input.proposal)
  const verdict = cost.within(VERDICT_MS, 'verdict', () =>
    verifyFold(sources, proposal, input.keepHistory),
  )
  if (verdict.type === 'different') return 'refused'
  decodeSnapshot(verdict.snapshot)
  const before = buildDocument(sources, true).doc
  const carried = sources.rows.filter(({ seq }) => verdict.carried.includes(seq))
  const after = buildDocument({ previous: verdict.snapshot, rows: carried }, true).doc
  requireSameStructs('an accepted fold changes the document', before, after)
  const writer = new Y.Doc()
  Y.applyUpdateV2(writer, verdict.snapshot)
  writer.clientID = 60
  const state = Y.encodeStateVector(writer)
  writer.getText('text').insert(0, 'later')
  writer.getMap('later').set('key', 1)
  const edit = { seq: 1_000, segment: 1, data: Y.encodeStateAsUpdate(writer, state) }
  const folded = buildDocument({ previous: verdict.snapshot, rows: [...carried, edit] }, true).doc
  const unfolded = buildDocument({ ...sources, rows: [...sources.rows, edit] }, true).doc
  requireSameContent('after an accepted fold an edit has another effect', unfolded, folded)
  if (folded.getMap('later').get('key') !== 1) {
    throw new Finding('after an accepted fold an edit does not show', toHex(edit.data))
  }
  for (const doc of [before, after, writer, folded, unfolded]) doc.destroy()
  return 'accepted'
}

function generate(choices: Choices, corpus: readonly Json[]): Input {
  const honest = choices.below(HONEST_DOCUMENTS)
  const count = honestDocument(honest).updates.length
  const folded = choices.oneIn(3) ? choices.below(count + 1) : 0
  const keepHistory = choices.oneIn(3)
  const base = { honest, folded, keepHistory, proposal: '' }
  const snapshot = foldToSnapshot(sourcesOf(base), choices.oneIn(2))
  const known = (corpus as readonly Input[]).map(({ proposal }) => proposal)
  const proposal = choices.weighted<Uint8Array>([
    [1, () => snapshot],
    [8, () => changedSnapshot(choices, snapshot)],
    [4, () => mutateBytes(choices, snapshot)],
    [2, () => convertedUpdate(choices)],
    [1, () => (choices.oneIn(8) ? runLengthBomb(choices) : anyBytes(choices, 60))],
    [known.length > 0 ? 1 : 0, () => mutateBytes(choices, fromHex(choices.pick(known)))],
  ])
  return { ...base, proposal: toHex(proposal) }
}
