import { Extension } from '@tiptap/core'
import { Plugin } from '@tiptap/pm/state'

/** A field or a choice inside of the text, such as the caption of a picture. */
export type Field = HTMLTextAreaElement | HTMLSelectElement

const MARK = 'data-field'

/** Marks an element as a field of the text, which only people who may edit can change. */
export function asField<Element extends Field>(field: Element, isEditable: boolean): Element {
  field.setAttribute(MARK, '')
  allow(field, isEditable)
  return field
}

function allow(field: Field, isEditable: boolean): void {
  if (field instanceof HTMLTextAreaElement) field.readOnly = !isEditable
  else field.disabled = !isEditable
}

/** Opens and closes the fields of the text when the person may edit, and when no longer. */
export const fields = Extension.create({
  name: 'fields',
  addProseMirrorPlugins: () => [
    new Plugin({
      view: ({ editable }) => {
        let was = editable
        return {
          update({ dom, editable: is }) {
            if (is === was) return
            was = is
            for (const field of dom.querySelectorAll<Field>(`[${MARK}]`)) allow(field, is)
          },
        }
      },
    }),
  ],
})
