/**
 * The backlog of a reader as the first event of its stream. A reader that continues at an offset needs one request,
 * not one for what it has missed and another one for the stream, and learns at once that it has missed nothing.
 */
export interface Backlog {
  /** Where the stream continues after the backlog. */
  readonly offset: string
  /** Electric's answer to the request for the backlog: a list of messages, as JSON. */
  readonly messages: string
}

/** A request for a stream has this parameter, with the value `first`, if its reader wants the backlog as an event. */
export const BACKLOG_PARAM = 'backlog'

/** The server answers with this header, and the value `first`, if the stream begins with that event. */
export const BACKLOG_HEADER = 'y-electric-backlog'

export const BACKLOG_FIRST = 'first'

/** The backlog as an event of a stream. Electric's client never sees it. */
export const backlogEvent = ({ offset, messages }: Backlog): string =>
  // A line break in JSON is outside of its texts, where a space means the same.
  `event: backlog\ndata: ${JSON.stringify({ offset })}\ndata: ${messages.replace(/[\r\n]+/g, ' ')}\n\n`

const BEGIN = /^event: backlog\ndata: \{"offset":"([\d_a-z]+)"\}/m

/** Where the stream continues after this event if it is a backlog; null for any other event. */
export const offsetOfBacklog = (event: string): string | null => BEGIN.exec(event)?.[1] ?? null

const EVENT = /^event: backlog\ndata: \{"offset":"([\d_a-z]+)"\}\ndata: (.*)\n\n/m

/** The first backlog in whole events of a stream, and the events around it; null if there is none. */
export function cutBacklog(
  events: string,
): { readonly before: string; readonly backlog: Backlog; readonly after: string } | null {
  const found = EVENT.exec(events)
  if (found === null) return null
  const [event, offset = '', messages = ''] = found
  return {
    before: events.slice(0, found.index),
    backlog: { offset, messages },
    after: events.slice(found.index + event.length),
  }
}
