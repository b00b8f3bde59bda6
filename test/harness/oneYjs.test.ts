import { expect, test } from 'vitest'
import { decodeUpdate } from 'y-electric/protocol'
import * as Y from 'yjs'

// A second copy of yjs breaks every `instanceof` between the two, and edits with it. Packages of
// the workspace are transformed by Vitest, what comes from npm is loaded by Node.
test('the tests and the packages share one yjs', () => {
  const doc = new Y.Doc()
  doc.getText('body').insert(0, 'a')
  const [struct] = decodeUpdate(Y.encodeStateAsUpdate(doc)).structs
  expect(struct).toBeInstanceOf(Y.Item)
})
