// One device of one person: its store survives its pages, and a page may end between any two
// storage steps.
import { type LocalChange, type LocalStore, memory, type Persistence } from 'y-electric'

export interface Page {
  readonly persistence: Persistence
  /** Commits that were requested and are not done. */
  readonly waiting: () => number
  /** Does the oldest waiting commit. @returns false if there is none */
  step(): boolean
  /** From now on commits are done at once. */
  run(): void
  /**
   * The page is gone: waiting commits fail, so that nobody waits for them, and its locks are
   * released.
   */
  crash(): Promise<void>
}

export interface Device {
  /** Opens a page. Its commits are done at once, unless they should be done step by step. */
  page(options?: { readonly stepwise?: boolean }): Page
}

export function createDevice(store: Persistence = memory()): Device {
  return { page: ({ stepwise = false } = {}) => openPage(store, stepwise) }
}

function openPage(device: Persistence, stepwise: boolean): Page {
  const opened: LocalStore[] = []
  const queue: { readonly go: () => void; readonly fail: (reason: Error) => void }[] = []
  let isStepwise = stepwise
  let isGone = false

  /** Resolves when it is this commit's turn; rejects once the page is gone. */
  const turn = (): Promise<void> =>
    new Promise((go, fail) => {
      if (isGone) fail(gone())
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
          async commit(change: LocalChange) {
            await turn()
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
      for (const { fail } of queue.splice(0)) fail(gone())
      for (const store of opened) await store.close()
    },
  }
  return page
}

const gone = (): Error => new Error('the page is gone')
