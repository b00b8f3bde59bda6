// One device. Its store survives its pages, and a page may end between any two storage steps.
import { type DeviceStore, type DeviceStoreChange, memory, type Persistence } from 'y-electric'

export interface Page {
  readonly persistence: Persistence
  /** The number of commits that were requested and are not done. */
  readonly waiting: () => number
  /** Does the oldest waiting commit. @returns false if there is none */
  step(): boolean
  /** Makes all later commits happen at once. */
  run(): void
  /**
   * Ends the page like a crash. Waiting commits fail, so that no caller waits for them, and the locks of
   * the page are released.
   */
  crash(): Promise<void>
}

export interface Device {
  /** Opens a page. Its commits happen at once, or step by step if `stepwise` is set. */
  page(options?: { readonly stepwise?: boolean }): Page
}

export function createDevice(store: Persistence = memory()): Device {
  return { page: ({ stepwise = false } = {}) => openPage(store, stepwise) }
}

function openPage(device: Persistence, stepwise: boolean): Page {
  const opened: DeviceStore[] = []
  const queue: { readonly go: () => void; readonly fail: (reason: Error) => void }[] = []
  let isStepwise = stepwise
  let isGone = false

  /** Resolves when this commit may happen. Rejects when the page has crashed. */
  const permission = (): Promise<void> =>
    new Promise((go, fail) => {
      if (isGone) fail(crashed())
      else if (isStepwise) queue.push({ go, fail })
      else go()
    })

  const page: Page = {
    persistence: {
      async open(key, onLost) {
        const inner = await device.open(key, onLost)
        opened.push(inner)
        if (isGone) await inner.close()
        return {
          load: () => inner.load(),
          async commit(change: DeviceStoreChange) {
            await permission()
            await inner.commit(change)
          },
          takeOver: () => inner.takeOver(),
          close: async () => {
            if (!isGone) await inner.close()
          },
        }
      },
    },
    waiting: () => queue.length,
    step() {
      const next = queue.shift()
      next?.go()
      return next !== undefined
    },
    run() {
      isStepwise = false
      while (page.step());
    },
    async crash() {
      isGone = true
      for (const { fail } of queue.splice(0)) fail(crashed())
      for (const store of opened) await store.close()
    },
  }
  return page
}

const crashed = (): Error => new Error('the page has crashed')
