import { EditorState } from '@tiptap/pm/state'
import { beforeEach, expect, test } from 'vitest'
import { schemaWith } from '../content.ts'
import { addPlaces, picturePlaces, placeOf, removePlace } from './places.ts'
import { Uploads } from './Uploads.ts'

const schema = schemaWith({})
const uploads = new Uploads({ docId: 'lamp', whenSaved: async () => {} })

/** Two pictures are on their way to the end of the first line. */
let state: EditorState
beforeEach(() => {
  const line = (text: string) => ({ type: 'paragraph', content: [{ type: 'text', text }] })
  const doc = schema.nodeFromJSON({ type: 'doc', content: [line('above'), line('below')] })
  state = EditorState.create({ doc, plugins: [picturePlaces(uploads)] })
  const places = [1, 2].map((id) => ({ id, pos: 6 }))
  state = state.apply(addPlaces(state.tr, places))
})

const places = () => [1, 2].map((id) => placeOf(state, id))

test('words that are typed before the place of a picture move it, and words at its place come behind it', () => {
  state = state.apply(state.tr.insertText('far ', 1))
  expect(places()).toEqual([10, 10])
  state = state.apply(state.tr.insertText(', and more', 10))
  expect(places()).toEqual([10, 10])
})

test('pictures that were chosen together stay in their order', () => {
  const image = schema.nodes.image?.create({ src: '/lamp.png' })
  if (image === undefined) throw new Error('the schema has no pictures')
  // The picture comes between the two lines.
  state = state.apply(removePlace(state.tr.insert(7, image), 1, 8))
  expect(places()).toEqual([null, 8])
})

test('a picture that is canceled leaves the place of the next one', () => {
  state = state.apply(removePlace(state.tr, 1))
  expect(places()).toEqual([null, 6])
})

test('a place in deleted text is where the text was', () => {
  state = state.apply(state.tr.delete(0, 7))
  expect(places()).toEqual([0, 0])
})
