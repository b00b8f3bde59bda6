/**
 * The newest rows of the segment that a stream follows. The server announces them inside the stream, as a
 * comment among the server-sent events, so that a reader can detect a stream that stays open and delivers
 * nothing. Electric's client ignores comments.
 */
export interface NewestRows {
  /** The active segment of the document: if it is a later one, the followed segment is sealed. */
  readonly activeSegment: number
  /**
   * The largest committed sequence numbers in the followed segment, its seal included. There are several
   * because sequence numbers may commit out of order: the largest alone would hide a smaller one that
   * commits after it.
   */
  readonly seqs: readonly number[]
}

/** The maximum number of sequence numbers in an announcement. */
export const ANNOUNCED_SEQS = 8

/**
 * Header of an answer that is part of a segment's log: the newest rows, read before the log was. A log that
 * lags behind the database says "up to date" without them.
 */
export const NEWEST_HEADER = 'y-electric-newest'

/** The announcement as the value of that header. */
export const newestText = ({ activeSegment, seqs }: NewestRows): string =>
  `segment=${activeSegment} seq=${seqs.join(',')}`

/** The announcement as a comment of an event stream. */
export const newestComment = (newest: NewestRows): string =>
  `: y-electric ${newestText(newest)}\n\n`

const COMMENT = /^: y-electric segment=(\d+) seq=([\d,]*)\r?$/gm

/** The last announcement in a part of an event stream with whole lines; null if there is none. */
export function readNewest(text: string): NewestRows | null {
  const last = [...text.matchAll(COMMENT)].at(-1)
  if (last === undefined) return null
  const [, segment, seqs = ''] = last
  return {
    activeSegment: Number(segment),
    seqs: seqs.split(',').filter(Boolean).map(Number),
  }
}

/** The announcement in the headers of an answer; null if there is none. */
export function newestOf(headers: Headers): NewestRows | null {
  const text = headers.get(NEWEST_HEADER)
  return text === null ? null : readNewest(`: y-electric ${text}`)
}
