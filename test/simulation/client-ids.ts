import type * as Y from 'yjs'

/**
 * Client ids come from the seed. Yjs generates another id by itself when another client uses the id of a
 * document. The next id of the seed replaces every id that is assigned.
 */
export function drawClientIds(doc: Y.Doc, draw: () => number): void {
  let current = draw()
  Object.defineProperty(doc, 'clientID', {
    get: () => current,
    set: () => {
      current = draw()
    },
  })
}
