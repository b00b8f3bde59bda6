/**
 * What the server knows of the segment that a stream follows. It is announced inside of the stream, as
 * a comment of the server-sent events, so that a reader notices a stream that stays open and brings
 * nothing. Electric's client ignores comments.
 */
export interface NewestRows {
  /** The document's active segment: when it is a later one, the followed segment is sealed. */
  readonly activeSegment: number
  /**
   * The largest sequence numbers that are committed in the followed segment, its seal included. They
   * are several because sequence numbers may commit out of order: the largest alone would hide a
   * smaller one that commits after it.
   */
  readonly seqs: readonly number[]
}

/** How many sequence numbers an announcement names. */
export const ANNOUNCED_SEQS = 8

/** The announcement as a comment of an event stream. */
export const newestComment = ({ activeSegment, seqs }: NewestRows): string =>
  `: y-electric segment=${activeSegment} seq=${seqs.join(',')}\n\n`

const COMMENT = /^: y-electric segment=(\d+) seq=([\d,]*)\r?$/gm

/** The last announcement in a piece of an event stream that holds whole lines; null when there is none. */
export function readNewest(text: string): NewestRows | null {
  const last = [...text.matchAll(COMMENT)].at(-1)
  if (last === undefined) return null
  const [, segment, seqs = ''] = last
  return {
    activeSegment: Number(segment),
    seqs: seqs.split(',').filter(Boolean).map(Number),
  }
}
