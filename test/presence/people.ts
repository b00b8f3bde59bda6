// Clients with an awareness, and a count of their requests.
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { type ClientOptions, openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'

export interface PresenceCall {
  readonly method: string
  readonly url: URL
  readonly keepalive: boolean
  readonly body: Uint8Array | null
}

export interface Person extends TestClient {
  readonly awareness: Awareness
  /** Requests about presence, oldest first. */
  readonly calls: readonly PresenceCall[]
  /** The writes of the client's own row. */
  readonly puts: () => readonly PresenceCall[]
  /** The visible names, including the client's own, sorted. */
  names(): string[]
  /** Moves the cursor. */
  move(cursor: number): void
  /** Ends the page without a leave: none of its requests reach the server any more. */
  crash(): Promise<void>
}

export type PersonOptions = ClientOptions & {
  readonly name: string
  /** Makes an awareness with the timers of the simulation, if time is simulated. */
  readonly createAwareness?: (doc: Y.Doc) => Awareness
  /** Handles a request about presence before the server sees it. */
  readonly onPresence?: (call: PresenceCall, pass: () => Promise<Response>) => Promise<Response>
}

export function openPerson({
  name,
  onPresence,
  createAwareness = (doc) => new Awareness(doc),
  ...options
}: PersonOptions): Person {
  const doc = options.doc ?? new Y.Doc({ guid: 'person' })
  const awareness = createAwareness(doc)
  awareness.setLocalState({ user: { name, color: '#30bced' } })
  const calls: PresenceCall[] = []
  let isGone = false
  const send: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init))
  const countingFetch: typeof fetch = async (input, init = {}) => {
    if (isGone) throw new TypeError('the page has crashed')
    const url = new URL(input instanceof Request ? input.url : input)
    const pass = () => send(input, init)
    if (!url.pathname.includes('/awareness')) return pass()
    const body = init.body instanceof Uint8Array ? init.body : null
    const call = { method: init.method ?? 'GET', url, keepalive: init.keepalive === true, body }
    calls.push(call)
    return onPresence === undefined ? pass() : onPresence(call, pass)
  }
  const client = openClient({ ...options, doc, awareness, fetch: countingFetch })
  return {
    ...client,
    awareness,
    calls,
    puts: () => calls.filter(({ method }) => method === 'PUT'),
    names: () =>
      [...awareness.getStates().values()]
        .flatMap((state) => (state.user ? [String(state.user.name)] : []))
        .sort(),
    move: (cursor) => awareness.setLocalStateField('cursor', cursor),
    async crash() {
      isGone = true
      await client.provider.destroy()
    },
  }
}

/** Waits until all of them see exactly these names. */
export async function seeEachOther(...people: readonly Person[]): Promise<void> {
  const all = people.map(({ awareness }) => awareness.getLocalState()?.user.name).sort()
  await eventually(() => {
    for (const person of people) {
      const seen = person.names()
      if (seen.join() !== all.join())
        throw new Error(`expected the names ${all}, but ${seen} are visible`)
    }
  })
}
