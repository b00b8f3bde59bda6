import { offsetOfBacklog } from '../protocol/backlog.ts'

/** The events of a response that joins many streams (`POST /live`), as the server's `jointStream` writes them. */

/** The answer to the request for one of the streams. */
export interface Opened {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The answer if it was not a stream; null for a stream. */
  readonly body: string | null
}

export type JointEvent =
  | { readonly type: 'open'; readonly stream: number; readonly opened: Opened }
  /** One raw event of a stream, with the blank line after it. */
  | { readonly type: 'event'; readonly stream: number; readonly text: string }
  | { readonly type: 'end'; readonly stream: number }

/** Takes chunks of text and returns whole events. Skips comments and unknown events. */
export function jointEvents(): (text: string) => JointEvent[] {
  let rest = ''
  return (text) => {
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop() ?? ''
    return blocks.flatMap((block) => parse(block) ?? [])
  }
}

const FIRST_LINE = /^event: (open|end|\d{1,9})\n/

function parse(block: string): JointEvent | null {
  const [first = '', name] = FIRST_LINE.exec(block) ?? []
  if (name === undefined) return null
  const rest = block.slice(first.length)
  if (name !== 'open' && name !== 'end') {
    return { type: 'event', stream: Number(name), text: `${rest}\n\n` }
  }
  const data = parseObject(rest.replace(/^data: ?/, ''))
  const { stream, status, headers, body } = data
  if (typeof stream !== 'number') return null
  if (name === 'end') return { type: 'end', stream }
  if (typeof status !== 'number' || status < 200 || status > 599) return null
  return {
    type: 'open',
    stream,
    opened: {
      status,
      headers: stringsOf(headers),
      body: typeof body === 'string' ? body : null,
    },
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null ? { ...json } : {}
  } catch {
    return {}
  }
}

const stringsOf = (value: unknown): Record<string, string> =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).filter(([, each]) => typeof each === 'string'))
    : {}

const CONTROL = /"control":\s*"(up-to-date|must-refetch)"/
const LSN = /"global_last_seen_lsn":\s*"?(\d+)"?/

/**
 * The position of a stream after an event. `isWhole`: its reader can act on everything before this
 * point. `offset`: the stream can be requested again from here (null: unchanged). Text in a row
 * cannot look like this, because its quotes are escaped.
 */
export function placeAfter(event: string): { isWhole: boolean; offset: string | null } {
  const afterBacklog = offsetOfBacklog(event)
  if (afterBacklog !== null) return { isWhole: true, offset: afterBacklog }
  const isWhole = CONTROL.test(event)
  const lsn = isWhole ? LSN.exec(event)?.[1] : undefined
  return { isWhole, offset: lsn === undefined ? null : `${lsn}_0` }
}

/** True for an event with only comments: it does not wait for the end of a batch. */
export const isComment = (event: string): boolean => !/^[^:\n]/m.test(event)
