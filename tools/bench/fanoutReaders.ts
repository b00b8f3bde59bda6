// The process with the readers of fanout.ts. They are plain sockets, which take little processor time.
import { createConnection } from 'node:net'

export interface ReadersOptions {
  readonly host: string
  readonly port: number
  readonly count: number
  /** The whole HTTP request of each reader. */
  readonly request: string
}

export type ReadersMessage =
  | { readonly type: 'open' }
  /**
   * The time at which the last reader received the keystroke, on the clock that all processes of the machine
   * share.
   */
  | { readonly type: 'key'; readonly key: number; readonly at: string }

const ROW = Buffer.from('"operation":"insert"')

const { host, port, count, request } = JSON.parse(process.argv[2] ?? '') as ReadersOptions
const send = (message: ReadersMessage): void => void process.send?.(message)

/** The number of readers that have received each keystroke. */
const got: number[] = []
let open = 0

for (let reader = 0; reader < count; reader++) {
  let keys = 0
  let rest: Buffer = Buffer.alloc(0)
  let isOpen = false
  const socket = createConnection({ host, port }, () => socket.write(request))
  socket.on('data', (chunk: Buffer) => {
    const bytes = Buffer.concat([rest, chunk])
    if (!isOpen) {
      isOpen = isAnswered(bytes)
      if (isOpen && ++open === count) send({ type: 'open' })
    }
    let from = 0
    for (let at = bytes.indexOf(ROW); at >= 0; at = bytes.indexOf(ROW, from)) {
      from = at + ROW.length
      arrived(keys++)
    }
    rest = isOpen ? bytes.subarray(Math.max(from, bytes.length - ROW.length + 1)) : bytes
  })
  const ended = (): never => {
    console.error('a reader was disconnected')
    process.exit(1)
  }
  socket.once('error', ended)
  socket.once('close', ended)
}

/** True once the stream is open; in a joint response, once its part is open. */
function isAnswered(bytes: Buffer): boolean {
  const text = bytes.toString('latin1')
  if (!text.startsWith('HTTP/1.1 200')) return false
  return request.startsWith('GET') ? text.includes('\r\n\r\n') : text.includes('"status":200')
}

function arrived(key: number): void {
  got[key] = (got[key] ?? 0) + 1
  if (got[key] === count) send({ type: 'key', key, at: String(process.hrtime.bigint()) })
}

process.once('disconnect', () => process.exit(0))
