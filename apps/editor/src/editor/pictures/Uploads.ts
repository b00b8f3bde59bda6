/** A picture that is on its way to the server, or was refused. */
export interface Upload {
  readonly id: number
  readonly name: string
  /** The part that was sent, from 0 to 1. */
  readonly sent: number
  /** The reason why it was not added, for the person; null while it is on its way. */
  readonly trouble: string | null
}

/** The document that the pictures belong to. */
export interface PictureDocument {
  readonly docId: string
  /** Resolves when the server has every edit. */
  readonly whenSaved: () => Promise<void>
}

/** The pictures that this page is adding. */
export class Uploads {
  #list: readonly Upload[] = []
  #lastId = 0
  readonly #listeners = new Set<() => void>()

  constructor(readonly document: PictureDocument) {}

  readonly current = (): readonly Upload[] => this.#list

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** @returns the id of the upload */
  start(name: string): number {
    const id = ++this.#lastId
    this.#set([...this.#list, { id, name, sent: 0, trouble: null }])
    return id
  }

  update(id: number, change: Partial<Pick<Upload, 'sent' | 'trouble'>>): void {
    this.#set(this.#list.map((each) => (each.id === id ? { ...each, ...change } : each)))
  }

  readonly remove = (id: number): void => {
    this.#set(this.#list.filter((each) => each.id !== id))
  }

  #set(list: readonly Upload[]): void {
    this.#list = list
    for (const listener of [...this.#listeners]) listener()
  }
}
