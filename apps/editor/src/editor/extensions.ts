import type { Extensions } from '@tiptap/core'
import { Collaboration } from '@tiptap/extension-collaboration'
import { Selection } from '@tiptap/extensions'
import { type ContentGuard, guardCollaboration } from 'y-electric/tiptap'
import type { Awareness } from 'y-protocols/awareness'
import { peopleIn } from '../people/people.ts'
import { authorship } from './authorship.ts'
import { carets } from './carets.ts'
import { comparison } from './comparison.ts'
import { contentExtensions } from './content.ts'
import { fields } from './fields.ts'
import { finding } from './find/find.ts'
import { blockKeys } from './menus/blockKeys.ts'
import { type FloatingElements, floating, floatingElements } from './menus/floating.ts'
import { pictureKeys } from './pictures/pictureKeys.ts'
import { pictures } from './pictures/pictures.ts'
import { type PictureDocument, Uploads } from './pictures/Uploads.ts'
import { SuggestionList } from './suggestions/SuggestionList.ts'
import { suggestions } from './suggestions/suggestions.ts'
import { tableTyping } from './tables/tableTyping.ts'

/** The parts that the editor's plugins and the page around it share. */
export interface Furniture {
  readonly list: SuggestionList
  readonly elements: FloatingElements
  readonly uploads: Uploads
}

export const newFurniture = (document: PictureDocument): Furniture => ({
  list: new SuggestionList(),
  elements: floatingElements(),
  uploads: new Uploads(document),
})

export function extensionsFor(
  guard: ContentGuard,
  awareness: Awareness,
  { list, elements, uploads }: Furniture,
): Extensions {
  const { extra } = guard.getState()
  const people = () => peopleIn(awareness.getStates(), awareness.clientID)
  return [
    ...contentExtensions(extra),
    guardCollaboration(Collaboration.configure({ fragment: guard.fragment }), { guard }),
    carets(awareness),
    suggestions({ list, people }),
    floating(elements),
    pictureKeys(elements),
    pictures(uploads),
    finding,
    comparison.extension,
    authorship.extension,
    blockKeys,
    tableTyping,
    fields,
    // Keeps the selection visible while the link field has the focus.
    Selection,
  ]
}
