import { expect, test } from 'vitest'
import { decodeUpdate } from 'y-electric/protocol'
import * as Y from 'yjs'

// With a second copy of yjs, `instanceof` fails between the two copies, and edits fail too. Vitest transforms
// packages of the workspace; Node loads packages from npm.
test('the tests and the packages share one yjs', () => {
  const doc = new Y.Doc()
  doc.getText('body').insert(0, 'a')
  const [struct] = decodeUpdate(Y.encodeStateAsUpdate(doc)).structs
  expect(struct).toBeInstanceOf(Y.Item)
})
