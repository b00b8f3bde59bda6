// An operator of the servers: the code of the app that deletes documents and reports revoked rights.
import type { Chance } from './kernel/chance.ts'
import { NOBODY } from './kernel/timeline.ts'
import type { World } from './world.ts'

/** How long an operator waits before it asks again, in milliseconds. */
const AGAIN_MS = 100

/** Sends the request to any running server, until one has done it or it cannot be done. */
export function operate(
  world: World,
  chance: Chance,
  { method, path, body }: { method: string; path: string; body?: object },
  onDone: () => void,
): void {
  const attempt = (): void => {
    const again = (): void => {
      world.timeline.after(AGAIN_MS, NOBODY, attempt)
    }
    const alive = world.servers.filter(({ isDead }) => !isDead)
    if (alive.length === 0) {
      again()
      return
    }
    const request = new Request(`http://simulation.test${path}`, {
      method,
      ...(body && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    })
    const server = chance.pick(alive)
    let isOver = false
    const forget = server.onDeath(() => {
      if (!isOver) again()
    })
    void server.serve(request).then(
      ({ status }) => {
        isOver = true
        forget()
        world.trace.note('operator', `${method} ${path} → ${status}`)
        if (status >= 500) again()
        else if (status < 300) onDone()
      },
      () => {
        isOver = true
        forget()
        again()
      },
    )
  }
  attempt()
}
