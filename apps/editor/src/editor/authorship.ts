import { Decoration, DecorationSet } from '@tiptap/pm/view'
import { overlay } from './overlay.ts'

/** A part of the text in the colour of its author. */
export interface Shade {
  readonly from: number
  readonly to: number
  readonly isNode: boolean
  readonly color: string
  readonly name: string
}

/** Shows in the text who wrote which part. */
export const authorship = overlay<Shade>('authorship', (doc, shades) =>
  DecorationSet.create(doc, shades.map(decorationOf)),
)

function decorationOf({ from, to, isNode, color, name }: Shade): Decoration {
  const attributes = { class: 'author', style: `--author: ${color}`, title: name }
  return isNode ? Decoration.node(from, to, attributes) : Decoration.inline(from, to, attributes)
}
