import type * as Y from 'yjs'

/** Called before the property of a document is read, and may throw. */
export type OnRead = (property: 'clientID' | 'gc') => void

/**
 * Makes client ids come from the seed. Yjs itself generates a new id when another client uses the id of a
 * document. This code replaces every id that Yjs or the provider assigns with the next id of the seed.
 */
export function drawClientIds(doc: Y.Doc, draw: () => number, onRead: OnRead = () => {}): void {
  let current = draw()
  Object.defineProperty(doc, 'clientID', {
    get: () => {
      onRead('clientID')
      return current
    },
    set: () => {
      current = draw()
    },
  })
  let { gc } = doc
  Object.defineProperty(doc, 'gc', {
    get: () => {
      onRead('gc')
      return gc
    },
    set: (value: boolean) => {
      gc = value
    },
  })
}
