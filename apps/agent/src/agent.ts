import type { ElectricProvider } from 'y-electric'
import * as Y from 'yjs'
import { linesOf, plainText } from './lines.ts'
import { type AgentRequest, readRequest } from './requests.ts'

export interface AgentOptions {
  readonly provider: Pick<ElectricProvider, 'doc' | 'awareness'>
  /** The root type that the agent watches: an XML fragment, as TipTap writes it. */
  readonly field: string
  /** The pause between two words, in milliseconds. */
  readonly paceMs: number
  readonly print: (line: string) => void
}

/**
 * Watches a document and writes answers into it word by word, while other clients edit it. It keeps
 * its position as a relative position, so that edits of others move it along.
 */
export class Agent {
  readonly #options: AgentOptions
  readonly #fragment: Y.XmlFragment
  readonly #undo: Y.UndoManager
  /**
   * The last request of each text, so that a request is not answered again after its answer was
   * undone.
   */
  readonly #seen = new WeakMap<Y.XmlText, string>()
  #answering: AbortController | null = null

  constructor(options: AgentOptions) {
    this.#options = options
    this.#fragment = options.provider.doc.getXmlFragment(options.field)
    this.#undo = new Y.UndoManager(this.#fragment, {
      trackedOrigins: new Set([this]),
      captureTimeout: Number.POSITIVE_INFINITY,
    })
  }

  /** Answers the requests already in the document, then every new one. */
  start(): void {
    this.#fragment.observeDeep(this.#look)
    this.#look()
  }

  /** Stops writing and watching. */
  stop(): void {
    this.#fragment.unobserveDeep(this.#look)
    this.#answering?.abort()
    this.#undo.destroy()
  }

  readonly #look = (): void => {
    const lines = linesOf(this.#fragment)
    const text = lines.map((line) => plainText(line)).join('\n')
    for (const line of lines) {
      const written = readRequest(plainText(line), text)
      if (written === null || this.#seen.get(line) === written.key) continue
      this.#seen.set(line, written.key)
      // Not within the transaction that brought the request.
      queueMicrotask(() => this.#do(written.request, line))
    }
  }

  #do(request: AgentRequest, line: Y.XmlText): void {
    this.#answering?.abort()
    if (request.type === 'stop') this.#options.print('stopped')
    else if (request.type === 'undo') this.#undo.undo()
    else {
      this.#answering = new AbortController()
      void this.#write(request.words, line, this.#answering.signal)
    }
  }

  async #write(words: readonly string[], line: Y.XmlText, signal: AbortSignal): Promise<void> {
    const { provider, paceMs, print } = this.#options
    const { doc, awareness } = provider
    this.#undo.stopCapturing()
    let place = Y.createRelativePositionFromTypeIndex(line, line.length, -1)
    for (const word of words) {
      await new Promise((resolve) => setTimeout(resolve, paceMs))
      const at = Y.createAbsolutePositionFromRelativePosition(place, doc)
      // The line was deleted, or a person stopped the answer.
      if (signal.aborted || at === null || at.type !== line) return
      doc.transact(() => line.insert(at.index, ` ${word}`), this)
      place = Y.createRelativePositionFromTypeIndex(line, at.index + word.length + 1, -1)
      awareness.setLocalStateField('cursor', { anchor: place, head: place })
    }
    print(`answered in ${words.length} ${words.length === 1 ? 'word' : 'words'}`)
  }
}
