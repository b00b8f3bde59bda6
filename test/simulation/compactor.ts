// A compactor without a provider, like an attacker or a buggy client. It rolls and folds over HTTP, with
// correct or wrong proposals.
import { encodeFold, encodeFoldProposal, FOLD_MEDIA_TYPE } from 'y-electric/protocol'
import * as Y from 'yjs'
import { emptyDoc } from './checks/content.ts'
import type { Chance } from './kernel/chance.ts'
import { NOBODY } from './kernel/timeline.ts'
import { DOC_ID } from './names.ts'
import { post } from './post.ts'
import type { World } from './world.ts'

export const COMPACTOR_MOODS = [
  'rolls',
  'folds correctly',
  'rolls and folds',
  'omits a row',
  'deletes everything',
  'adds an edit',
  'sends garbage',
  'sends nothing',
  'folds a segment that is not sealed',
] as const

/** The time between a roll and the fold of the sealed segment, in milliseconds. */
const FOLD_AFTER_MS = 60

export type Mood = (typeof COMPACTOR_MOODS)[number] | OddMood

/** The wrong proposals of a client that does not know that the document keeps its history. */
type OddMood = 'rolls and folds without the history' | 'folds without the history'

export function compactorStep(world: World, chance: Chance, mood: Mood = 'rolls'): void {
  const active = world.database.table('documents').get(DOC_ID)?.segment ?? 0
  world.trace.note('compactor', mood)
  if (mood.startsWith('rolls')) {
    post(world, chance, {
      who: 'compactor',
      route: 'segments',
      body: JSON.stringify({ active }),
      contentType: 'application/json',
    })
    if (mood === 'rolls') return
    const how = mood === 'rolls and folds' ? 'folds correctly' : 'folds without the history'
    const fold = () => compactorStep(world, chance, how)
    world.timeline.after(FOLD_AFTER_MS, NOBODY, fold)
    return
  }
  const through = mood === 'folds a segment that is not sealed' ? active : active - 1
  if (through < 0) return
  const data = proposalOf(world, through, chance, mood)
  const body = encodeFoldProposal({ throughSegment: through, data })
  post(world, chance, {
    who: 'compactor',
    route: 'folds',
    body: new Uint8Array(body),
    contentType: FOLD_MEDIA_TYPE,
  })
}

function proposalOf(world: World, through: number, chance: Chance, mood: Mood): Uint8Array {
  if (mood === 'sends nothing') return new Uint8Array()
  if (mood === 'sends garbage') return Uint8Array.from({ length: 20 }, () => chance.below(256))
  const all = [...world.database.table('updates').values()]
    .filter(({ docId, segment, data }) => docId === DOC_ID && segment <= through && data.length > 0)
    .sort((a, b) => a.segment - b.segment || a.seq - b.seq)
  const skipped = mood === 'omits a row' ? chance.below(all.length + 1) : -1
  const rows = all.filter((_, i) => i !== skipped)
  const folds = [...world.database.table('snapshots').values()].sort((a, b) => b.seq - a.seq)
  const previous = folds.find(({ throughSegment }) => throughSegment !== null)?.data ?? null
  const collects = !world.profile.keepsHistory || mood === 'folds without the history'
  const { snapshot } = encodeFold({ previous, rows }, collects)
  if (mood !== 'deletes everything' && mood !== 'adds an edit') return snapshot
  const doc = emptyDoc()
  doc.clientID = 7
  Y.applyUpdateV2(doc, snapshot)
  const text = doc.getText('body')
  if (mood === 'deletes everything') text.delete(0, text.length)
  else text.insert(0, 'forged')
  return Y.encodeStateAsUpdateV2(doc)
}
