// Opens another document in the same page. Its stream is part of the joint stream of the page.
import type { ElectricProvider, ElectricProviderOptions } from 'y-electric'
import * as Y from 'yjs'
import { drawClientIds } from './client-ids.ts'
import { NEIGHBOUR_ID } from './names.ts'

export class Neighbour {
  readonly doc: Y.Doc
  readonly provider: ElectricProvider

  constructor(
    Provider: typeof ElectricProvider,
    options: Omit<ElectricProviderOptions, 'doc' | 'docId'>,
    drawClientId: () => number,
  ) {
    this.doc = new Y.Doc({ guid: NEIGHBOUR_ID })
    drawClientIds(this.doc, drawClientId)
    this.provider = new Provider({ ...options, doc: this.doc, docId: NEIGHBOUR_ID })
  }

  close(): void {
    this.doc.destroy()
  }
}
