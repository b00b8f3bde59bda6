import { expect, test } from 'vitest'
import { decodeUpdate } from 'y-electric/protocol'
import * as Y from 'yjs'

// A second copy of yjs breaks every `instanceof` between the two, and edits with it. Vitest
// transforms packages of the workspace; Node loads packages from npm.
test('the tests and the packages share one yjs', () => {
  const doc = new Y.Doc()
  doc.getText('body').insert(0, 'a')
  const [struct] = decodeUpdate(Y.encodeStateAsUpdate(doc)).structs
  expect(struct).toBeInstanceOf(Y.Item)
})
