import { Mark } from '@tiptap/core'

const raised = (name: 'subscript' | 'superscript', tag: 'sub' | 'sup') =>
  Mark.create({
    name,
    parseHTML: () => [{ tag }],
    renderHTML: ({ HTMLAttributes }) => [tag, HTMLAttributes, 0],
  })

export const Subscript = raised('subscript', 'sub')
export const Superscript = raised('superscript', 'sup')
