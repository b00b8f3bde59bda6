import type { RetryPolicy } from '../core/retry.ts'
import type { ElectricProviderError } from '../errors.ts'
import { Backoff } from './backoff.ts'
import type { Clock } from './clock.ts'
import type { LazyModule } from './lazy-module.ts'

export interface ModuleLoaderOptions {
  readonly clock: Clock
  readonly retry: RetryPolicy
  readonly onError: (error: ElectricProviderError) => void
}

/**
 * Loads the modules that a provider needs, tries again when a request fails, and reports a module
 * once until it has been loaded.
 */
export class ModuleLoader {
  readonly #options: ModuleLoaderOptions
  readonly #reported = new Set<LazyModule<unknown>>()
  readonly #waits = new Set<Backoff>()

  constructor(options: ModuleLoaderOptions) {
    this.#options = options
  }

  /** Makes one try. @throws {ElectricProviderError} `module_failed`, which has been reported */
  async load<T>(module: LazyModule<T>): Promise<T> {
    try {
      const loaded = await module.load()
      this.#reported.delete(module)
      return loaded
    } catch (error) {
      if (!this.#reported.has(module)) {
        this.#reported.add(module)
        this.#options.onError(error as ElectricProviderError)
      }
      throw error
    }
  }

  /**
   * Calls `use` with the module: at once if it is loaded, otherwise when it has been loaded, however
   * many tries that takes.
   * @returns a function that cancels the call
   */
  whenLoaded<T>(module: LazyModule<T>, use: (loaded: T) => void): () => void {
    const { loaded } = module
    if (loaded !== null) {
      use(loaded)
      return () => {}
    }
    let isCancelled = false
    let cancelWait = (): void => {}
    const backoff = new Backoff(this.#options)
    this.#waits.add(backoff)
    const attempt = async (failures: number): Promise<void> => {
      const ready = await this.load(module).catch(() => null)
      if (isCancelled) return
      if (ready === null) {
        const next = failures + 1
        cancelWait = backoff.wait(next, undefined, () => void attempt(next))
        return
      }
      this.#waits.delete(backoff)
      use(ready)
    }
    void attempt(0)
    return () => {
      isCancelled = true
      this.#waits.delete(backoff)
      cancelWait()
    }
  }

  /** The network may be back, so waiting tries run earlier. */
  hasten(): void {
    for (const backoff of this.#waits) backoff.hasten()
  }
}
