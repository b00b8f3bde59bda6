import { decodeSnapshot, type FoldSources, foldRows, foldToSnapshot } from 'y-electric/protocol'
import * as Y from 'yjs'
import { buildDocument, checkFold, judgeProposal } from '../adapters/server.ts'
import type { Choices } from '../engine/choices.ts'
import { Finding, type Json, type Target } from '../engine/target.ts'
import { anyBytes, fromHex, mutateBytes, toHex } from '../generators/bytes.ts'
import { HONEST_DOCUMENTS, honestDocument } from '../generators/honest.ts'
import { changedSnapshot, convertedUpdate, runLengthBomb } from '../generators/update-v2.ts'
import { Cost } from '../oracles/cost.ts'
import { requireSameContent, requireSameStructs } from '../oracles/same.ts'
import { THOROUGH_ONE_IN } from './sampling.ts'

/** The sources of a proposal. */
type Sources = {
  readonly honest: number
  /** The number of rows that are already folded. */
  readonly folded: number
  readonly keepHistory: boolean
}

/** A proposal for the fold of stored rows. */
type Input = Sources & { readonly [key: string]: Json; readonly proposal: string }

/** The most processor time of a verdict, in milliseconds. The server computes it in a worker with a limit. */
const VERDICT_MS = 20_000

/** The number of inputs between two reads of the memory. */
const MEMORY_EVERY = 256

/** Folds that a client proposes. An accepted one must not change the document. */
export function snapshots(): Target {
  const cost = new Cost()
  let [inputs, mostMemory, thorough, accepted] = [0, 0, 0, 0]
  return {
    name: 'snapshots',
    thoroughOneIn: THOROUGH_ONE_IN.snapshots,
    generate,
    run(json, isThorough) {
      const input = json as Input
      cost.begin()
      const proposal = fromHex(input.proposal)
      const expected = expectedOf(input)
      const proposed = cost.within(VERDICT_MS, 'comparison', () =>
        judgeProposal(expected.full, () => expected.collected, proposal),
      )
      if (typeof proposed !== 'string') {
        accepted++
        requireStorable(expected, proposed)
      }
      if (inputs++ % MEMORY_EVERY === 0) {
        mostMemory = Math.max(mostMemory, process.memoryUsage.rss())
      }
      const outcome = typeof proposed === 'string' ? 'refused' : 'accepted'
      if (!isThorough) return outcome
      thorough++
      const verdict = judgeThoroughly(input, proposal, cost)
      if (verdict !== outcome) throw new Finding('two different verdicts on one proposal', verdict)
      return `thorough: ${verdict}`
    },
    figures: () => ({
      'accepted inputs': accepted,
      'with the expensive oracles': thorough,
      'slowest verdict ms': cost.worst,
      'most memory MiB': `${Math.round(mostMemory / 2 ** 20)}`,
    }),
  }
}

interface Expected {
  readonly sources: FoldSources
  readonly full: Y.Doc
  readonly collected: Y.Doc
}

const made = new Map<string, Expected>()

/** The document of the rows. It is built once for each choice of rows, since it is only compared. */
function expectedOf(input: Sources): Expected {
  const key = `${input.honest} ${input.folded} ${input.keepHistory}`
  let expected = made.get(key)
  if (expected === undefined) {
    const sources = sourcesOf(input)
    const [{ doc: full }, { doc: collected }] = [foldRows(sources, false), foldRows(sources, true)]
    expected = { sources, full, collected }
    made.set(key, expected)
  }
  return expected
}

function sourcesOf({ honest, folded, keepHistory }: Sources): FoldSources {
  const rows = honestDocument(honest).updates.map((data, i) => ({ seq: i + 1, segment: 0, data }))
  if (folded === 0) return { previous: null, rows }
  const { doc, carried } = foldRows({ previous: null, rows: rows.slice(0, folded) }, !keepHistory)
  const previous = Y.encodeStateAsUpdateV2(doc)
  doc.destroy()
  return { previous, rows: [...carried, ...rows.slice(folded)] }
}

/** Checks that the stored snapshot of an accepted document gives the expected document. @throws {Finding} */
function requireStorable({ full, collected }: Expected, proposed: Y.Doc): void {
  const again = judgeProposal(full, () => collected, Y.encodeStateAsUpdateV2(proposed))
  proposed.destroy()
  if (typeof again === 'string')
    throw new Finding('the stored form of an accepted fold differs', again)
  again.destroy()
}

/** Runs all of `checkFold`. An accepted document must have the same content, even after later edits. */
function judgeThoroughly(input: Input, proposal: Uint8Array, cost: Cost): string {
  const { sources } = expectedOf(input)
  const verdict = cost.within(VERDICT_MS, 'verdict', () =>
    checkFold(sources, proposal, input.keepHistory),
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
  requireSameContent('after an accepted fold an edit has a different effect', unfolded, folded)
  if (folded.getMap('later').get('key') !== 1) {
    throw new Finding('after an accepted fold an edit does not show', toHex(edit.data))
  }
  for (const doc of [before, after, writer, folded, unfolded]) doc.destroy()
  return 'accepted'
}

const folds = new Map<string, Uint8Array>()

/** The honest fold, made once for each choice of rows. */
function honestFold(input: Sources, gc: boolean): Uint8Array {
  const key = `${input.honest} ${input.folded} ${input.keepHistory} ${gc}`
  const fold = folds.get(key) ?? foldToSnapshot(expectedOf(input).sources, gc)
  folds.set(key, fold)
  return fold
}

function generate(choices: Choices, corpus: readonly Json[]): Input {
  const honest = choices.below(HONEST_DOCUMENTS)
  const count = honestDocument(honest).updates.length
  const folded = choices.pick([0, 0, count >> 1, count])
  const keepHistory = choices.oneIn(3)
  const sources = { honest, folded, keepHistory }
  const snapshot = honestFold(sources, choices.oneIn(2))
  const known = (corpus as readonly Input[]).map(({ proposal }) => proposal)
  const proposal = choices.weighted<Uint8Array>([
    [1, () => snapshot],
    [16, () => changedSnapshot(choices, snapshot)],
    [8, () => mutateBytes(choices, snapshot)],
    [4, () => convertedUpdate(choices)],
    [2, () => (choices.oneIn(20) ? runLengthBomb(choices) : anyBytes(choices, 60))],
    [known.length > 0 ? 2 : 0, () => mutateBytes(choices, fromHex(choices.pick(known)))],
  ])
  return { ...sources, proposal: toHex(proposal) }
}
