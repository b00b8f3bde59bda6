import { Extension, type Extensions, getSchema } from '@tiptap/core'
import { Highlight } from '@tiptap/extension-highlight'
import { TaskItem, TaskList } from '@tiptap/extension-list'
import { TextAlign } from '@tiptap/extension-text-align'
import type { Schema } from '@tiptap/pm/model'
import { StarterKit } from '@tiptap/starter-kit'
import type { ExtraAttributes } from 'y-electric/tiptap'
import { codeBlocks } from './code/codeBlocks.ts'
import { SafeImage } from './image.ts'
import { isLinkAddress } from './linkAddress.ts'
import { Subscript, Superscript } from './marks.ts'
import { media } from './media.ts'
import { tables } from './tables/tables.ts'

/**
 * All content that a document may have in this editor: everything that the server creates from HTML
 * and Markdown.
 * @param extra attributes that documents have and this editor does not use; an editor that does not
 * know them would remove them from content that it changes.
 */
export function contentExtensions(extra: ExtraAttributes): Extensions {
  return [
    StarterKit.configure({
      // Collaboration undoes a person's own edits only; a second history would undo edits of
      // others.
      undoRedo: false,
      // It adds a paragraph at the end automatically, so that merely opening a document would edit
      // it, and two people who open it would do so twice.
      trailingNode: false,
      codeBlock: false,
      dropcursor: { color: 'var(--accent)', width: 2 },
      link: {
        openOnClick: false,
        defaultProtocol: 'https',
        isAllowedUri: (address, { defaultValidate }) =>
          defaultValidate(address) && isLinkAddress(address),
        HTMLAttributes: { rel: 'noopener noreferrer nofollow', target: '_blank' },
      },
    }),
    codeBlocks,
    SafeImage,
    TextAlign.configure({ types: ['heading', 'paragraph'] }),
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

/** Keeps attributes with their content without showing them; a part that is split off gets none. */
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
