import * as Y from 'yjs'

/**
 * Keeps a document sound whatever stands in its maps.
 *
 * An entry of a map is one id, and Yjs relies on that: every id behind the newest one of a key is deleted.
 * An update may hold an entry of several ids all the same, and no check of its bytes can tell: only the
 * edit that it builds on says whether it stands in a map. As soon as such an entry is cut in two, its left
 * part stays alive and hidden, and Yjs throws once the map is deleted: in every document, at an honest edit.
 *
 * Here all ids but the last are deleted in the transaction that brings them. Every document does the same,
 * so they converge, and what the map shows does not change.
 * @returns a function that ends it
 */
export function guardMapEntries(doc: Y.Doc): () => void {
  doc.on('beforeObserverCalls', settleEntries)
  return () => doc.off('beforeObserverCalls', settleEntries)
}

function settleEntries(transaction: Y.Transaction): void {
  for (const [client, after] of transaction.afterState) {
    const before = transaction.beforeState.get(client) ?? 0
    if (before === after) continue
    const structs = transaction.doc.store.clients.get(client) ?? []
    // Cutting an entry inserts its right part behind it, which comes next.
    for (let i = Y.findIndexSS(structs, before); i < structs.length; i++) {
      const struct = structs[i]
      if (!(struct instanceof Y.Item) || struct.parentSub === null || struct.deleted) continue
      if (struct.length > 1) {
        Y.getItemCleanStart(transaction, Y.createID(client, struct.id.clock + struct.length - 1))
      }
      if (struct.right !== null) struct.delete(transaction)
    }
  }
}
