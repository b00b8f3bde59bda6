import type { SuggestionProps } from '@tiptap/suggestion'

/** One line of a list that opens at the caret. */
export interface Suggested {
  readonly id: string
  readonly label: string
  /** Shown at the end of the line, in a weaker colour. */
  readonly note?: string | undefined
  /** A sign before the label: an emoji, or the name of an icon. */
  readonly sign?: string | undefined
  readonly icon?: string | undefined
  readonly color?: string | undefined
}

export interface OpenList {
  /** The accessible name of the list. */
  readonly label: string
  readonly items: readonly Suggested[]
  readonly chosen: number
  readonly query: string
  readonly element: HTMLElement
}

/** The list that is open at the caret, if any: what the keys and the page share. */
export class SuggestionList {
  #open: OpenList | null = null
  #unmount: (() => void) | null = null
  #choose: ((item: Suggested) => void) | null = null
  readonly #listeners = new Set<() => void>()

  readonly current = (): OpenList | null => this.#open

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  start(label: string, props: SuggestionProps<Suggested, Suggested>): void {
    this.close()
    const element = document.createElement('div')
    element.className = 'suggestions'
    this.#unmount = props.mount(element)
    this.#choose = props.command
    this.#set({ label, items: props.items, chosen: 0, query: props.query, element })
  }

  update(props: SuggestionProps<Suggested, Suggested>): void {
    if (this.#open === null) return
    this.#choose = props.command
    // The earlier lines stay until those of the new word are known, so that the list does not flicker.
    if (props.loading) return
    const { items, query } = props
    const isSame = query === this.#open.query
    const chosen = isSame ? Math.min(this.#open.chosen, Math.max(0, items.length - 1)) : 0
    this.#set({ ...this.#open, items, query, chosen })
  }

  close(): void {
    this.#unmount?.()
    this.#unmount = null
    this.#choose = null
    if (this.#open !== null) this.#set(null)
  }

  /** @returns true if the key belongs to the list */
  handleKey({ key, isComposing }: KeyboardEvent): boolean {
    const open = this.#open
    if (open === null || open.items.length === 0 || isComposing) return false
    const count = open.items.length
    switch (key) {
      case 'ArrowDown':
        this.highlight((open.chosen + 1) % count)
        return true
      case 'ArrowUp':
        this.highlight((open.chosen - 1 + count) % count)
        return true
      case 'Enter':
      case 'Tab':
        this.choose(open.chosen)
        return true
      default:
        return false
    }
  }

  highlight(chosen: number): void {
    if (this.#open !== null && this.#open.chosen !== chosen) this.#set({ ...this.#open, chosen })
  }

  choose(index: number): void {
    const item = this.#open?.items[index]
    if (item !== undefined) this.#choose?.(item)
  }

  #set(open: OpenList | null): void {
    this.#open = open
    for (const listener of [...this.#listeners]) listener()
  }
}
