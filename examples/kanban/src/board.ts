import * as Y from 'yjs'

export const COLUMNS = ['To do', 'Doing', 'Done'] as const
export type Column = (typeof COLUMNS)[number]

export interface Card {
  readonly id: string
  readonly title: string
  readonly column: Column
  /** Cards of a column are shown in the order of this number. */
  readonly position: number
}

/** The cards of a document. Each is a map of its own, so that two people can change different fields of one. */
export class Board {
  readonly #cards: Y.Map<Y.Map<string | number>>
  /** Takes back only edits of this page: those of others have the provider as their origin. */
  readonly undoManager: Y.UndoManager

  constructor(doc: Y.Doc) {
    this.#cards = doc.getMap('cards')
    this.undoManager = new Y.UndoManager(this.#cards, { captureTimeout: 0 })
  }

  onChange(listener: () => void): void {
    this.#cards.observeDeep(listener)
  }

  /** The cards of a column, the first one on top. */
  cardsIn(column: Column): Card[] {
    const cards = [...this.#cards].map(([id, fields]) => cardOf(id, fields))
    // Two people may give two cards one position: the id then decides, the same for everyone.
    return cards
      .filter((card) => card.column === column)
      .sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1))
  }

  add(title: string, column: Column): void {
    const fields = { title, column, position: this.#endOf(column) }
    this.#cards.set(crypto.randomUUID(), new Y.Map<string | number>(Object.entries(fields)))
  }

  rename(id: string, title: string): void {
    this.#cards.get(id)?.set('title', title)
  }

  /** Moves a card in front of another one, or to the end of the column. */
  move(id: string, column: Column, beforeId: string | null): void {
    const others = this.cardsIn(column).filter((card) => card.id !== id)
    const index = others.findIndex((card) => card.id === beforeId)
    const [previous, next] = [others[index - 1], others[index]]
    const position =
      next === undefined ? this.#endOf(column) : ((previous?.position ?? 0) + next.position) / 2
    const card = this.#cards.get(id)
    // One transaction, so that one undo takes back both.
    this.#cards.doc?.transact(() => {
      card?.set('column', column)
      card?.set('position', position)
    })
  }

  /** Moves a card to the end of a column beside its own, or by some places within its column. */
  step(id: string, columns: number, places: number): void {
    const fields = this.#cards.get(id)
    if (fields === undefined) return
    const from = COLUMNS.indexOf(cardOf(id, fields).column)
    const column = COLUMNS[from + columns]
    if (column === undefined) return
    const cards = this.cardsIn(column)
    const others = cards.filter((card) => card.id !== id)
    const own = cards.findIndex((card) => card.id === id)
    const place = columns === 0 ? own + places : others.length
    if (place >= 0 && place <= others.length) this.move(id, column, others[place]?.id ?? null)
  }

  remove(id: string): void {
    this.#cards.delete(id)
  }

  #endOf(column: Column): number {
    return (this.cardsIn(column).at(-1)?.position ?? 0) + 1
  }
}

/** Another client may have written anything: a card is always complete. */
function cardOf(id: string, fields: Y.Map<string | number>): Card {
  const [title, column, position] = [
    fields.get('title'),
    fields.get('column'),
    fields.get('position'),
  ]
  return {
    id,
    title: String(title ?? ''),
    column: COLUMNS.find((one) => one === column) ?? COLUMNS[0],
    position: typeof position === 'number' ? position : 0,
  }
}
