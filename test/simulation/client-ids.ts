import type * as Y from 'yjs'

/**
 * Client ids come from the seed. Yjs draws another one by itself when somebody else uses the id of a
 * document: whatever is assigned, the next id of the seed takes its place.
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
