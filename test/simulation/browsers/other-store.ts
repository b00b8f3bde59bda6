// Another persistence of a document in one browser, such as y-indexeddb. It stores every change, and loads
// its content into the document of a page. The provider does not know about it.
import * as Y from 'yjs'
import { emptyDoc } from '../checks/content.ts'

export class OtherStore {
  readonly #kept = emptyDoc()

  follow(doc: Y.Doc): void {
    doc.on('update', (update: Uint8Array) => Y.applyUpdate(this.#kept, update))
  }

  load(doc: Y.Doc): void {
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(this.#kept), this)
  }
}
