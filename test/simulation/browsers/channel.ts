// A BroadcastChannel. It delivers messages in order to all other channels with the same name, one task each.
import { cloned } from './clone.ts'
import type { SimulatedPage } from './page.ts'

export class SimulatedChannel {
  readonly name: string
  readonly page: SimulatedPage
  readonly #channels: Set<SimulatedChannel>
  onmessage: ((event: MessageEvent) => void) | null = null

  constructor(name: string, page: SimulatedPage, channels: Set<SimulatedChannel>) {
    this.name = name
    this.page = page
    this.#channels = channels
  }

  postMessage(message: unknown): void {
    if (this.page.isGone) return
    for (const other of this.#channels) {
      if (other === this || other.name !== this.name) continue
      const data = cloned(message)
      other.page.task(() => {
        if (this.#channels.has(other)) other.onmessage?.(new MessageEvent('message', { data }))
      })
    }
  }

  close(): void {
    this.#channels.delete(this)
  }
}
