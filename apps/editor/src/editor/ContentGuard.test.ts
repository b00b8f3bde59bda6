import { expect, test, vi } from 'vitest'
import { ContentGuard } from 'y-electric/tiptap'
import * as Y from 'yjs'
import { schemaWith } from './content.ts'

function open(mayTidy = true) {
  const doc = new Y.Doc()
  const guard = new ContentGuard(doc.getXmlFragment('default'), { schema: schemaWith, mayTidy })
  const unbind = vi.fn<() => void>()
  const editor = { unbind, isWriting: () => false }
  const admit = () => guard.admit(guard.getState().edition, editor)
  return { doc, guard, unbind, editor, admit, foreign: () => guard.getState().foreign }
}

/** Applies an edit of another client. */
function arrive(doc: Y.Doc, change: (fragment: Y.XmlFragment) => void): void {
  const other = new Y.Doc()
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
  change(other.getXmlFragment('default'))
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other))
}

const add = (name: string, attribute?: string) => (fragment: Y.XmlFragment) => {
  const element = new Y.XmlElement(name)
  if (attribute !== undefined) element.setAttribute(attribute, 'a')
  fragment.insert(0, [element])
}

test('an editor is unbound before any observer receives an edit that it would delete', () => {
  const { doc, guard, unbind, admit, foreign } = open()
  const seen: boolean[] = []
  guard.fragment.observeDeep(() => seen.push(unbind.mock.calls.length > 0))
  expect(admit()).not.toBeNull()
  arrive(doc, add('paragraph'))
  expect(unbind).not.toHaveBeenCalled()
  arrive(doc, add('callout'))
  expect(seen).toEqual([false, true])
  expect(foreign()).toEqual(['callout'])
  expect(admit()).toBeNull()
})

test('after the foreign part is removed, only an editor of the current edition is bound', () => {
  const { doc, guard, editor, admit, foreign } = open()
  const listener = vi.fn<() => void>()
  guard.subscribe(listener)
  const before = guard.getState().edition
  arrive(doc, add('callout'))
  arrive(doc, (fragment) => fragment.delete(0, 1))
  expect(foreign()).toEqual([])
  expect(listener).toHaveBeenCalledTimes(2)
  expect(guard.admit(before, editor)).toBeNull()
  expect(admit()).not.toBeNull()
})

test('an unknown attribute recreates the editor once', () => {
  const { doc, guard, unbind, admit } = open()
  admit()
  arrive(doc, add('paragraph', 'id'))
  expect(unbind).toHaveBeenCalledTimes(1)
  expect(guard.getState()).toMatchObject({ foreign: [], extra: { paragraph: ['id'] } })
  admit()
  arrive(doc, add('paragraph', 'id'))
  expect(unbind).toHaveBeenCalledTimes(1)
  arrive(doc, add('heading', 'id'))
  expect(guard.getState().extra).toEqual({ paragraph: ['id'], heading: ['id'] })
})

test('close() unbinds a bound editor, and not one that has unbound itself', () => {
  const { doc, guard, unbind, admit } = open()
  admit()?.()
  arrive(doc, add('callout'))
  expect(unbind).not.toHaveBeenCalled()
  arrive(doc, (fragment) => fragment.delete(0, 1))
  admit()
  guard.close()
  expect(unbind).toHaveBeenCalledTimes(1)
  expect(admit()).toBeNull()
})

test('a read-only editor is not bound if it would tidy up content', () => {
  const { doc, guard, unbind, admit, foreign } = open()
  admit()
  arrive(doc, add('bulletList'))
  expect(foreign()).toEqual([])
  guard.setMayTidy(false)
  expect(foreign()).toEqual(['incomplete bulletList'])
  expect(unbind).toHaveBeenCalledTimes(1)
  guard.setMayTidy(true)
  expect(foreign()).toEqual([])
})
