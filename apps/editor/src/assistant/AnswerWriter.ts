import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { ASSISTANT_ORIGIN, noteWriter, readRequest } from './requests.ts'
import { removeWritten, writtenBy } from './written.ts'

/** Where the next piece goes: after a character, which edits of others move along. */
interface Place {
  readonly line: Y.XmlText
  readonly position: Y.RelativePosition
}

/** A Yjs client, and the clock of its next insertion. */
export interface Mark {
  readonly client: number
  readonly clock: number
}

/** Writes one answer into a document, piece by piece, with a caret at its end. */
export class AnswerWriter {
  readonly #awareness: Awareness
  readonly #doc: Y.Doc
  readonly #root: Y.XmlFragment
  readonly #requestId: string
  #place: Place | null = null
  /** A new paragraph begins with the next character. */
  #wantsParagraph = false

  constructor(awareness: Awareness, field: string, requestId: string) {
    this.#awareness = awareness
    this.#doc = awareness.doc
    this.#root = awareness.doc.getXmlFragment(field)
    this.#requestId = requestId
  }

  /**
   * Goes to the place where the answer ended before, or will begin.
   * @returns the part of the answer that is there already
   */
  start(): string {
    const request = readRequest(this.#doc, this.#requestId)
    if (request === null) return ''
    const { text, end } = writtenBy(this.#root, request.writers)
    if (end !== null) this.#goTo(end.line, end.index)
    return text
  }

  /**
   * Adds a piece to the answer, in one transaction. A line break begins a new paragraph.
   * @returns false if the text that the answer continues was deleted
   */
  write(piece: string): boolean {
    if (this.#place !== null && !isAlive(this.#place.line)) return false
    this.#doc.transact(() => {
      noteWriter(this.#doc, this.#requestId)
      for (const [index, part] of piece.split(/[\r\n]+/).entries()) {
        if (index > 0) this.#wantsParagraph = true
        this.#append(part)
      }
    }, ASSISTANT_ORIGIN)
    return true
  }

  /** A mark before the next piece. */
  mark(): Mark {
    const client = this.#doc.clientID
    return { client, clock: Y.getState(this.#doc.store, client) }
  }

  /** Deletes what was written since the mark. */
  takeBack({ client, clock }: Mark): void {
    removeWritten(this.#root, new Map([[client, clock]]), ASSISTANT_ORIGIN)
  }

  #append(part: string): void {
    const isFirst = this.#place === null
    const begins = isFirst || this.#wantsParagraph
    const text = begins ? part.trimStart() : part
    if (text === '') return
    if (begins) this.#beginParagraph()
    this.#wantsParagraph = false
    const place = this.#place
    if (place === null) return
    const at = Y.createAbsolutePositionFromRelativePosition(place.position, this.#doc)
    const index = at?.type === place.line ? at.index : place.line.length
    place.line.insert(index, text)
    this.#goTo(place.line, index + text.length)
  }

  #beginParagraph(): void {
    const line = new Y.XmlText()
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [line])
    this.#root.insert(this.#nextIndex(), [paragraph])
    this.#goTo(line, 0)
  }

  /** The index of the next paragraph in the root: after the block of the current one. */
  #nextIndex(): number {
    const line = this.#place?.line ?? null
    const at = this.#root
      .toArray()
      .findIndex((child) => line !== null && (child === line || Y.isParentOf(child, line._item)))
    return at === -1 ? this.#firstIndex() : at + 1
  }

  #firstIndex(): number {
    const place = readRequest(this.#doc, this.#requestId)?.place
    try {
      const position = Y.createRelativePositionFromJSON(place)
      const at = Y.createAbsolutePositionFromRelativePosition(position, this.#doc)
      if (at?.type === this.#root) return Math.min(at.index, this.#root.length)
    } catch {
      // Another client wrote something else there.
    }
    return this.#root.length
  }

  #goTo(line: Y.XmlText, index: number): void {
    const position = Y.createRelativePositionFromTypeIndex(line, index, -1)
    this.#place = { line, position }
    const caret = Y.relativePositionToJSON(position)
    this.#awareness.setLocalStateField('cursor', { anchor: caret, head: caret })
  }
}

const isAlive = (line: Y.XmlText): boolean => line._item !== null && !line._item.deleted
