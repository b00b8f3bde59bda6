import * as Y from 'yjs'

export const COLUMNS = ['To do', 'Doing', 'Done'] as const
export type Column = (typeof COLUMNS)[number]

export interface Card {
  readonly title: string
  readonly column: Column
  /** Cards of a column are in the order of their positions. */
  readonly position: number
}

/**
 * A board in a Y.Map of cards by id, each a Y.Map of fields. So two people may change two fields of one card at the
 * same time: one renames it while the other moves it.
 */
export class Board {
  readonly #cards: Y.Map<Y.Map<string | number>>
  /** Takes back only what this person did: changes of others have the provider as their origin. */
  readonly undoManager: Y.UndoManager

  constructor(doc: Y.Doc) {
    this.#cards = doc.getMap('cards')
    this.undoManager = new Y.UndoManager(this.#cards, { captureTimeout: 0 })
  }

  onChange(listener: () => void): void {
    this.#cards.observeDeep(listener)
  }

  /** The cards of a column from top to bottom. The id decides between equal positions, as on every other screen. */
  cardsIn(column: Column): [id: string, card: Card][] {
    return [...this.#cards]
      .map(([id, card]): [string, Card] => [id, card.toJSON() as Card])
      .filter(([, card]) => card.column === column)
      .sort(([a, one], [b, other]) => one.position - other.position || (a < b ? -1 : 1))
  }

  add(title: string): void {
    const [column] = COLUMNS
    const fields = Object.entries({ title, column, position: this.#positionBefore(column, null) })
    this.#cards.set(crypto.randomUUID(), new Y.Map<string | number>(fields))
  }

  rename(id: string, title: string): void {
    this.#cards.get(id)?.set('title', title)
  }

  /** Moves a card into a column, before another one or to the end. */
  move(id: string, column: Column, before: string | null): void {
    const card = this.#cards.get(id)
    if (card === undefined || id === before) return
    const position = this.#positionBefore(column, before)
    this.#cards.doc?.transact(() => {
      card.set('column', column)
      card.set('position', position)
    })
  }

  remove(id: string): void {
    this.#cards.delete(id)
  }

  #positionBefore(column: Column, before: string | null): number {
    const cards = this.cardsIn(column)
    const at = cards.findIndex(([id]) => id === before)
    if (at === -1) return (cards.at(-1)?.[1].position ?? 0) + 1
    const [above, below] = [cards[at - 1]?.[1].position, cards[at]?.[1].position ?? 0]
    return above === undefined ? below - 1 : (above + below) / 2
  }
}
