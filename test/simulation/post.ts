// Requests of clients without a provider: compactors and visitors.
import type { Chance } from './kernel/chance.ts'
import { NOBODY } from './kernel/timeline.ts'
import { DOC_ID } from './names.ts'
import type { World } from './world.ts'

export interface Post {
  /** The name of the sender in the trace. */
  readonly who: string
  readonly route: string
  readonly body: BodyInit
  readonly contentType: string
  readonly headers?: Record<string, string>
  /** The delay before the request, in milliseconds. */
  readonly afterMs?: number
}

/** The longest time of a request in the network, in milliseconds. */
const MAX_LATENCY_MS = 20

/** Posts once to some server, without waiting for the answer. */
export function post(
  world: World,
  chance: Chance,
  { who, route, afterMs = 0, ...init }: Post,
): void {
  const { body, contentType, headers } = init
  const request = new Request(`http://simulation.test/docs/${DOC_ID}/${route}`, {
    method: 'POST',
    headers: { 'content-type': contentType, ...headers },
    body,
  })
  world.timeline.after(afterMs + chance.below(MAX_LATENCY_MS), NOBODY, () => {
    const alive = world.servers.filter(({ isDead }) => !isDead)
    if (alive.length === 0) return
    void chance
      .pick(alive)
      .serve(request)
      .then(
        (response) => {
          world.trace.note(who, `${route} → ${response.status}`)
          world.watch(() => world.wire.answered(request, response))
        },
        () => {},
      )
  })
}
