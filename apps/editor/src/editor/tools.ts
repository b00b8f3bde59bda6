import type { Editor } from '@tiptap/react'
import type { IconName } from './icons.tsx'

/** A button of the toolbar. */
export interface Tool {
  name: IconName
  label: string
  /** In the notation of ProseMirror's keymaps, such as `Mod-Alt-1`. */
  shortcut: string
  run: (editor: Editor) => void
  /** True if the tool is on at the selection; absent for tools without a state, such as undo. */
  isOn?: (editor: Editor) => boolean
  isPossible: (editor: Editor) => boolean
}

const heading = (level: 1 | 2 | 3): Tool => ({
  name: `heading${level}`,
  // The label contains the visible letters, because people who use voice control say what they see.
  label: `H${level} heading`,
  shortcut: `Mod-Alt-${level}`,
  run: (editor) => editor.chain().focus().toggleHeading({ level }).run(),
  isOn: (editor) => editor.isActive('heading', { level }),
  isPossible: (editor) => editor.can().toggleHeading({ level }),
})

export function toolGroups(openLinkPanel: () => void): Tool[][] {
  return [
    [heading(1), heading(2), heading(3)],
    [
      {
        name: 'bold',
        label: 'Bold',
        shortcut: 'Mod-B',
        run: (editor) => editor.chain().focus().toggleBold().run(),
        isOn: (editor) => editor.isActive('bold'),
        isPossible: (editor) => editor.can().toggleBold(),
      },
      {
        name: 'italic',
        label: 'Italic',
        shortcut: 'Mod-I',
        run: (editor) => editor.chain().focus().toggleItalic().run(),
        isOn: (editor) => editor.isActive('italic'),
        isPossible: (editor) => editor.can().toggleItalic(),
      },
      {
        name: 'underline',
        label: 'Underline',
        shortcut: 'Mod-U',
        run: (editor) => editor.chain().focus().toggleUnderline().run(),
        isOn: (editor) => editor.isActive('underline'),
        isPossible: (editor) => editor.can().toggleUnderline(),
      },
      {
        name: 'strike',
        label: 'Strike through',
        shortcut: 'Mod-Shift-S',
        run: (editor) => editor.chain().focus().toggleStrike().run(),
        isOn: (editor) => editor.isActive('strike'),
        isPossible: (editor) => editor.can().toggleStrike(),
      },
      {
        name: 'highlight',
        label: 'Highlight',
        shortcut: 'Mod-Shift-H',
        run: (editor) => editor.chain().focus().toggleHighlight().run(),
        isOn: (editor) => editor.isActive('highlight'),
        isPossible: (editor) => editor.can().toggleHighlight(),
      },
      {
        name: 'link',
        label: 'Link',
        shortcut: 'Mod-K',
        run: openLinkPanel,
        isOn: (editor) => editor.isActive('link'),
        isPossible: (editor) => editor.can().setLink({ href: 'https://example.org' }),
      },
      {
        name: 'code',
        label: 'Code',
        shortcut: 'Mod-E',
        run: (editor) => editor.chain().focus().toggleCode().run(),
        isOn: (editor) => editor.isActive('code'),
        isPossible: (editor) => editor.can().toggleCode(),
      },
    ],
    [
      {
        name: 'bulletList',
        label: 'Bulleted list',
        shortcut: 'Mod-Shift-8',
        run: (editor) => editor.chain().focus().toggleBulletList().run(),
        isOn: (editor) => editor.isActive('bulletList'),
        isPossible: (editor) => editor.can().toggleBulletList(),
      },
      {
        name: 'orderedList',
        label: 'Numbered list',
        shortcut: 'Mod-Shift-7',
        run: (editor) => editor.chain().focus().toggleOrderedList().run(),
        isOn: (editor) => editor.isActive('orderedList'),
        isPossible: (editor) => editor.can().toggleOrderedList(),
      },
      {
        name: 'taskList',
        label: 'Task list',
        shortcut: 'Mod-Shift-9',
        run: (editor) => editor.chain().focus().toggleTaskList().run(),
        isOn: (editor) => editor.isActive('taskList'),
        isPossible: (editor) => editor.can().toggleTaskList(),
      },
      {
        name: 'quote',
        label: 'Quote',
        shortcut: 'Mod-Shift-B',
        run: (editor) => editor.chain().focus().toggleBlockquote().run(),
        isOn: (editor) => editor.isActive('blockquote'),
        isPossible: (editor) => editor.can().toggleBlockquote(),
      },
      {
        name: 'codeBlock',
        label: 'Code block',
        shortcut: 'Mod-Alt-C',
        run: (editor) => editor.chain().focus().toggleCodeBlock().run(),
        isOn: (editor) => editor.isActive('codeBlock'),
        isPossible: (editor) => editor.can().toggleCodeBlock(),
      },
    ],
    [
      {
        name: 'undo',
        label: 'Undo',
        shortcut: 'Mod-Z',
        run: (editor) => editor.chain().focus().undo().run(),
        isPossible: (editor) => editor.can().undo(),
      },
      {
        name: 'redo',
        label: 'Redo',
        shortcut: 'Mod-Shift-Z',
        run: (editor) => editor.chain().focus().redo().run(),
        isPossible: (editor) => editor.can().redo(),
      },
    ],
  ]
}

/** The marks, for the menu at a selection. */
export const MARK_TOOLS: readonly IconName[] = [
  'bold',
  'italic',
  'underline',
  'strike',
  'highlight',
  'code',
  'link',
]

/** The reason why a tool is off at the selection, as a sentence. */
export function whyNot(editor: Editor, { name, label }: Tool): string {
  if (!editor.isEditable) return 'You may read this document, but not change it.'
  if (name === 'undo') return 'There is nothing of yours to undo.'
  if (name === 'redo') return 'There is nothing of yours to redo.'
  if (editor.isActive('codeBlock')) return `${label} is off: a code block holds plain text only.`
  if (editor.isActive('code')) return `${label} is off: text marked as code takes no other format.`
  return `${label} is not possible here.`
}
