import * as Y from 'yjs'

/**
 * Keeps a document sound whatever its maps contain.
 *
 * An entry of a map is one id, and Yjs relies on that: every id after the newest one of a key is
 * deleted. But an update may hold an entry of several ids, and no check of its bytes can detect
 * this: only the edit that it builds on shows whether it is in a map. As soon as such an entry is
 * cut in two, its left part stays alive and hidden, and Yjs throws once the map is deleted: in
 * every document, at the edit of a normal client.
 *
 * This module deletes all ids except the last in the transaction that adds them. Every document
 * does the same, so they converge, and what the map shows does not change.
 * @returns a function that stops it
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
    // Cutting an entry inserts its right part after it, so that part comes next.
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
