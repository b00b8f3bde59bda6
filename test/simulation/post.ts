// Requests of clients that are no providers: compactors and visitors.
import type { Chance } from './kernel/chance.ts'
import { NOBODY } from './kernel/timeline.ts'
import { DOC_ID } from './names.ts'
import type { World } from './world.ts'

export interface Post {
  /** Who posts, for the trace. */
  readonly who: string
  readonly route: string
  readonly body: BodyInit
  readonly contentType: string
  readonly headers?: Record<string, string>
  /** How much later, in milliseconds. */
  readonly afterMs?: number
}

/** How long a request may take on its way, in milliseconds. */
const MAX_LATENCY_MS = 20

/** Posts to some server, once; nobody waits for the answer. */
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
