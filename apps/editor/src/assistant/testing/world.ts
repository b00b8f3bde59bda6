// A server that stores updates in order, and peers whose messages arrive when a test lets them.
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { Peer } from '../runAnswer.ts'

interface Waiter {
  readonly length: number
  resolve(): void
}

/** A client of the server. Nothing reaches the server or the client before `send` or `receive`. */
export class TestPeer implements Peer {
  readonly doc = new Y.Doc()
  readonly awareness = new Awareness(this.doc)
  readonly #refusal = new AbortController()
  readonly refused = this.#refusal.signal
  readonly #log: Uint8Array[]
  readonly #unsent: Uint8Array[] = []
  #made = 0
  #sent = 0
  #read = 0
  #waiters: Waiter[] = []

  constructor(log: Uint8Array[]) {
    this.#log = log
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === this) return
      this.#unsent.push(update)
      this.#made++
    })
    this.receive()
  }

  whenSynced = (): Promise<void> => Promise.resolve()

  whenSaved = (): Promise<void> =>
    new Promise((resolve) => {
      this.#waiters.push({ length: this.#made, resolve })
      this.#settle()
    })

  /** The server stores everything that this client made. */
  send(): void {
    this.#sent += this.#unsent.length
    this.#log.push(...this.#unsent.splice(0))
    this.#settle()
  }

  /** This client reads everything that the server stored. */
  receive(): void {
    for (; this.#read < this.#log.length; this.#read++) {
      Y.applyUpdate(this.doc, this.#log[this.#read] ?? new Uint8Array(), this)
    }
  }

  refuse(): void {
    this.#refusal.abort()
  }

  #settle(): void {
    const due = this.#waiters.filter(({ length }) => length <= this.#sent)
    this.#waiters = this.#waiters.filter(({ length }) => length > this.#sent)
    for (const { resolve } of due) resolve()
  }
}

export class TestServer {
  readonly #log: Uint8Array[] = []

  join(): TestPeer {
    return new TestPeer(this.#log)
  }
}

/** The lines of a document's text. */
export const linesIn = (doc: Y.Doc): string[] =>
  doc
    .getXmlFragment('default')
    .toArray()
    .map((block) => (block instanceof Y.XmlElement ? block.toArray().join('') : String(block)))

export function addLine(doc: Y.Doc, text: string): Y.XmlText {
  const line = new Y.XmlText(text)
  const paragraph = new Y.XmlElement('paragraph')
  paragraph.insert(0, [line])
  doc.getXmlFragment('default').push([paragraph])
  return line
}
