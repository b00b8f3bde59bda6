/** The reason why a picture was not added. */
export interface Trouble {
  /** A sentence for the person. */
  readonly words: string
  /** True if the same picture may be added later. */
  readonly mayPass: boolean
}

/** A picture that is on its way to the server, or was not added. Only the page that adds it shows it. */
export interface Upload {
  readonly id: number
  readonly file: File
  /** The element at its place in the text, into which the page draws. */
  readonly element: HTMLElement
  /** The part that was sent, from 0 to 1. */
  readonly sent: number
  /** Null while it is on its way. */
  readonly trouble: Trouble | null
  /** Ends when the person cancels the upload. */
  readonly canceled: AbortSignal
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
  readonly #controllers = new Map<number, AbortController>()
  readonly #listeners = new Set<() => void>()

  constructor(readonly document: PictureDocument) {}

  readonly current = (): readonly Upload[] => this.#list

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly find = (id: number): Upload | undefined => this.#list.find((each) => each.id === id)

  start(file: File): Upload {
    const id = ++this.#lastId
    const controller = new AbortController()
    this.#controllers.set(id, controller)
    const element = document.createElement('div')
    element.className = 'upload'
    element.contentEditable = 'false'
    const canceled = controller.signal
    const upload: Upload = { id, file, element, sent: 0, trouble: null, canceled }
    this.#set([...this.#list, upload])
    return upload
  }

  update(id: number, change: Partial<Pick<Upload, 'sent' | 'trouble'>>): void {
    this.#set(this.#list.map((each) => (each.id === id ? { ...each, ...change } : each)))
  }

  /** Ends an upload: the picture is in the text, or the person does not want it any more. */
  readonly remove = (id: number): void => {
    this.#controllers.get(id)?.abort()
    this.#controllers.delete(id)
    this.#set(this.#list.filter((each) => each.id !== id))
  }

  /** Ends all uploads, with the editor. */
  readonly close = (): void => {
    for (const { id } of this.#list) this.remove(id)
  }

  #set(list: readonly Upload[]): void {
    this.#list = list
    for (const listener of [...this.#listeners]) listener()
  }
}
