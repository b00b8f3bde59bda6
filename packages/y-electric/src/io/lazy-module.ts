import { ElectricProviderError } from '../errors.ts'

/**
 * A part of this package that is loaded when it is first used, so that it is not in the first chunk
 * of an app. Everything that a page needs to open, join, follow and write is in the first chunk.
 */
export class LazyModule<T> {
  readonly name: string
  readonly #import: () => Promise<T>
  #loading: Promise<T> | null = null
  #loaded: T | null = null

  /**
   * @param name names the part in errors
   * @param load imports the module; bundlers recognise an `import()` with a literal path
   */
  constructor(name: string, load: () => Promise<T>) {
    this.name = name
    this.#import = load
  }

  /** The module, if it has been loaded by any provider of the page. */
  get loaded(): T | null {
    return this.#loaded
  }

  /**
   * Resolves with the module. Several calls share one request; a failed request is forgotten, so the
   * next call makes a new one. Some browsers (Chromium) remember the failure until the page reloads.
   * @throws {ElectricProviderError} `module_failed`
   */
  load(): Promise<T> {
    this.#loading ??= this.#load()
    return this.#loading
  }

  async #load(): Promise<T> {
    try {
      this.#loaded = await this.#import()
      return this.#loaded
    } catch (cause) {
      this.#loading = null
      throw new ElectricProviderError(
        'module_failed',
        `the code for ${this.name} could not be loaded; all else works. It is requested again, but if ` +
          'this error stays (after a deployment, for example), reload the page',
        { cause },
      )
    }
  }
}
