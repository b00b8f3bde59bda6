// Events of a shape's stream, for tests.
import { readEvent, type StreamEvent } from '../events.ts'
import { type Position, parsePosition } from '../position.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const event = (message: unknown): StreamEvent =>
  readEvent(encoder.encode(`data: ${JSON.stringify(message)}\n\n`))
export const change = (lsn: number, op: number): StreamEvent =>
  event({ value: { seq: `${lsn}.${op}` }, headers: { lsn: String(lsn), op_position: op } })
export const upToDate = (lsn: number): StreamEvent =>
  event({ headers: { control: 'up-to-date', global_last_seen_lsn: String(lsn) } })
export const mustRefetch = event({ headers: { control: 'must-refetch' } })
export const comment = readEvent(encoder.encode(': keep-alive\n\n'))

/** The rows and the other messages in the bytes that a reader got. */
export const namesIn = (bytes: Uint8Array): string[] =>
  decoder
    .decode(bytes)
    .split('\n\n')
    .filter((text) => text !== '')
    .map((text) => {
      if (text.startsWith(':')) return 'comment'
      const { value, headers } = JSON.parse(text.slice('data: '.length))
      return value?.seq ?? headers.control
    })
export const at = (text: string): Position => parsePosition(text) as Position
