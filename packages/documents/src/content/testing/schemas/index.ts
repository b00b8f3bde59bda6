import type fc from 'fast-check'
import type { PmNode } from '../../prosemirror/nodes.ts'
import { basic } from './basic.ts'
import { blockNote } from './block-note.ts'
import { generic } from './generic.ts'
import { tiptap } from './tiptap.ts'

/** Random documents, by their schema. */
export const SCHEMAS: Readonly<Record<string, fc.Arbitrary<PmNode>>> = {
  'TipTap StarterKit and its extensions': tiptap,
  'prosemirror-schema-basic': basic,
  BlockNote: blockNote,
  'any nodes in any': generic,
}
