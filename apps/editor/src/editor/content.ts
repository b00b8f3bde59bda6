import { Extension, type Extensions, getSchema } from '@tiptap/core'
import { Highlight } from '@tiptap/extension-highlight'
import { TaskItem, TaskList } from '@tiptap/extension-list'
import type { Schema } from '@tiptap/pm/model'
import { StarterKit } from '@tiptap/starter-kit'
import type { ExtraAttributes } from 'y-electric/tiptap'
import { SafeImage } from './image.ts'
import { isLinkAddress } from './linkAddress.ts'
import { Subscript, Superscript } from './marks.ts'
import { media } from './media.ts'
import { tables } from './tables.ts'

/**
 * All that a document may consist of here: everything that the server makes of HTML and Markdown.
 * @param extra attributes that documents have and nobody here reads; an editor that does not know
 * them would take them off what it changes.
 */
export function contentExtensions(extra: ExtraAttributes): Extensions {
  return [
    StarterKit.configure({
      // Collaboration undoes one's own edits only; a second history would undo other people's.
      undoRedo: false,
      // It adds a paragraph at the end by itself: merely opening a document would edit it,
      // and two people opening it would do so twice.
      trailingNode: false,
      dropcursor: { color: 'var(--accent)', width: 2 },
      link: {
        openOnClick: false,
        defaultProtocol: 'https',
        isAllowedUri: (address, { defaultValidate }) =>
          defaultValidate(address) && isLinkAddress(address),
        HTMLAttributes: { rel: 'noopener noreferrer nofollow', target: '_blank' },
      },
    }),
    SafeImage,
    TaskList,
    TaskItem.configure({ nested: true }),
    Highlight.configure({ multicolor: true }),
    Subscript,
    Superscript,
    ...tables,
    ...media,
    keeping(extra),
  ]
}

export const schemaWith = (extra: ExtraAttributes): Schema => getSchema(contentExtensions(extra))

/** Keeps attributes with what they stand on, unseen; what is split off has none of its own. */
const keeping = (extra: ExtraAttributes): Extension =>
  Extension.create({
    name: 'keptAttributes',
    addGlobalAttributes: () =>
      Object.entries(extra).map(([type, names]) => ({
        types: [type],
        attributes: Object.fromEntries(
          names.map((name) => [
            name,
            { default: null, rendered: false, keepOnSplit: false, parseHTML: () => null },
          ]),
        ),
      })),
  })
