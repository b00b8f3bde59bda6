/**
 * Runs steps one at a time, in the order in which they were requested. If no step is running, a new
 * step starts synchronously, within the call.
 */
export class Line {
  #steps: (() => void | Promise<void>)[] = []
  #isBusy = false

  get isBusy(): boolean {
    return this.#isBusy
  }

  push(step: () => void | Promise<void>): void {
    this.#steps.push(step)
    if (!this.#isBusy) this.#run()
  }

  /** Runs a step in its turn and returns its result. */
  ask<T>(step: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.push(async () => {
        try {
          resolve(await step())
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  #run(): void {
    this.#isBusy = true
    try {
      if (this.#runUntilBusy()) return
    } catch (error) {
      this.#isBusy = false
      throw error
    }
    this.#isBusy = false
  }

  /** True if the step is asynchronous, so that the steps after it wait for it. */
  #runUntilBusy(): boolean {
    for (let step = this.#steps.shift(); step !== undefined; step = this.#steps.shift()) {
      const underWay = step()
      if (underWay === undefined) continue
      // A step that fails does not block the steps after it; its own caller gets the error.
      const next = (): void => this.#run()
      underWay.then(next, next)
      return true
    }
    return false
  }
}
