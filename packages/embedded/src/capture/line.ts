/**
 * Does things one after the other, in the order in which they were asked for. While nothing is
 * under way, a step runs at once and within the call.
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

  /** Runs a step in its turn, and gives its result. */
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

  /** True if a step takes time, so that the others wait for it. */
  #runUntilBusy(): boolean {
    for (let step = this.#steps.shift(); step !== undefined; step = this.#steps.shift()) {
      const underWay = step()
      if (underWay === undefined) continue
      // What a step throws is its own affair: those after it are not to wait for ever.
      const next = (): void => this.#run()
      underWay.then(next, next)
      return true
    }
    return false
  }
}
