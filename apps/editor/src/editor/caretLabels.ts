import type { Awareness } from 'y-protocols/awareness'
import { personAmong } from '../people/people.ts'

const AWAKE_MS = 2_500

interface Caret {
  element: HTMLElement
  label: HTMLElement
  sleep: ReturnType<typeof setTimeout> | undefined
}

/**
 * The carets of other people. Their labels show while they move and shortly after. The style sheet
 * draws the names, so they are not text of the page: neither a copy nor a screen reader includes
 * them in the document.
 */
export class CaretLabels {
  readonly #awareness: Awareness
  readonly #carets = new Map<number, Caret>()
  readonly #movedAt = new Map<number, number>()
  #frame: number | null = null

  constructor(awareness: Awareness) {
    this.#awareness = awareness
  }

  readonly open = (): void => {
    this.#awareness.on('change', this.#onChange)
  }

  readonly close = (): void => {
    this.#awareness.off('change', this.#onChange)
    if (this.#frame !== null) cancelAnimationFrame(this.#frame)
    this.#frame = null
    for (const { sleep } of this.#carets.values()) clearTimeout(sleep)
    this.#carets.clear()
  }

  /** Draws a caret again. A caret that has not moved for a while has no label. */
  readonly draw = (clientId: number): HTMLElement => {
    const element = document.createElement('span')
    element.className = 'caret'
    element.setAttribute('aria-hidden', 'true')
    const label = document.createElement('span')
    label.className = 'caret-label'
    element.append(label)
    clearTimeout(this.#carets.get(clientId)?.sleep)
    const caret: Caret = { element, label, sleep: undefined }
    this.#carets.set(clientId, caret)
    this.#paint(clientId, caret)
    const movedAt = this.#movedAt.get(clientId) ?? Date.now()
    this.#wake(caret, AWAKE_MS - (Date.now() - movedAt))
    return element
  }

  readonly #onChange = ({ added, updated, removed }: Record<string, number[]>): void => {
    for (const clientId of removed ?? []) {
      clearTimeout(this.#carets.get(clientId)?.sleep)
      this.#carets.delete(clientId)
      this.#movedAt.delete(clientId)
    }
    if ((added?.length ?? 0) + (removed?.length ?? 0) > 0) {
      // Colours depend on who is here.
      for (const [clientId, caret] of this.#carets) this.#paint(clientId, caret)
    }
    for (const clientId of [...(added ?? []), ...(updated ?? [])]) {
      this.#movedAt.set(clientId, Date.now())
      const caret = this.#carets.get(clientId)
      if (caret === undefined) continue
      this.#paint(clientId, caret)
      this.#wake(caret, AWAKE_MS)
    }
  }

  #paint(clientId: number, { element, label }: Caret): void {
    const states = this.#awareness.getStates()
    const person = personAmong(states, clientId)
    const { clientID } = this.#awareness
    const isOwn = states.get(clientID) != null && personAmong(states, clientID).id === person.id
    element.style.setProperty('--person', person.color)
    element.dataset.person = person.id
    label.dataset.name = isOwn ? 'You, in another tab' : person.name
  }

  #wake(caret: Caret, forMs: number): void {
    clearTimeout(caret.sleep)
    if (forMs <= 0) return
    const { element } = caret
    element.dataset.awake = 'true'
    caret.sleep = setTimeout(() => {
      delete element.dataset.awake
    }, forMs)
  }

  /** After carets are placed, moves each label that would cross the edge to the other side. */
  readonly turn = (): void => {
    if (this.#frame !== null || this.#awake().length === 0) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = null
      // Measures all labels before moving any, so that the page is laid out once.
      const sides = this.#awake().map((caret) => [caret.label, sideOf(caret)] as const)
      for (const [label, side] of sides) label.dataset.side = side
    })
  }

  #awake(): Caret[] {
    return [...this.#carets.values()].filter(({ element }) => element.dataset.awake !== undefined)
  }
}

function sideOf({ element, label }: Caret): 'left' | 'right' {
  const edge = element.closest('.prose')?.getBoundingClientRect().right ?? Number.POSITIVE_INFINITY
  return element.getBoundingClientRect().left + label.offsetWidth > edge - 4 ? 'left' : 'right'
}
