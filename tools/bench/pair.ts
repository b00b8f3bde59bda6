// Two clients of one document: a writer and a live reader.
import { randomUUID } from 'node:crypto'
import { ElectricProvider } from 'y-electric'
import * as Y from 'yjs'
import { untilConnected } from '../replay/replayDocument.ts'
import { TEXT_NAME } from '../replay/script.ts'

export interface Pair {
  readonly docId: string
  readonly writer: ElectricProvider
  readonly reader: ElectricProvider
  readonly written: Y.Text
  readonly read: Y.Text
  close(): Promise<void>
}

export async function openPair(mountPoint: string): Promise<Pair> {
  const docId = `bench-${randomUUID()}`
  const open = () => new ElectricProvider({ url: mountPoint, docId, doc: new Y.Doc() })
  const [writer, reader] = [open(), open()]
  await Promise.all([untilConnected(writer), untilConnected(reader)])
  return {
    docId,
    writer,
    reader,
    written: writer.doc.getText(TEXT_NAME),
    read: reader.doc.getText(TEXT_NAME),
    async close() {
      for (const provider of [writer, reader]) {
        await provider.destroy()
        provider.doc.destroy()
      }
    },
  }
}

/** Resolves in the task in which the document's text reaches a length. */
export function untilLength(text: Y.Text, length: number): Promise<void> {
  const { doc } = text
  if (doc === null || text.length >= length) return Promise.resolve()
  return new Promise((resolve) => {
    const look = () => {
      if (text.length < length) return
      doc.off('update', look)
      resolve()
    }
    doc.on('update', look)
  })
}
