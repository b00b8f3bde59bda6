// Damages records of a page's database, as a broken disk or browser would.
import type { Page } from 'playwright-core'

export interface DatabaseDamage {
  readonly table: 'updates' | 'edits' | 'place'
  /** The index of the record in the table; null for all records. */
  readonly only: number | null
  readonly how: 'delete' | 'cut' | 'null'
}

/** Damages the records; resolves when this is done. */
export function damageDatabase(on: Page, name: string, damage: DatabaseDamage): Promise<void> {
  return on.evaluate(
    async ([database, { table, only, how }]) => {
      const opened = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(database)
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
      const tx = opened.transaction(table, 'readwrite')
      let at = 0
      tx.objectStore(table).openCursor().onsuccess = ({ target }) => {
        const cursor = (target as IDBRequest<IDBCursorWithValue | null>).result
        if (cursor === null) return
        if (only === null || only === at) {
          if (how === 'delete') cursor.delete()
          else cursor.update(how === 'cut' ? cursor.value.slice(0, -3) : null)
        }
        at += 1
        cursor.continue()
      }
      await new Promise((resolve) => {
        tx.oncomplete = resolve
      })
      opened.close()
    },
    [name, damage] as const,
  )
}
