import { RequestError } from '@y-electric/server'
import type { Context } from 'hono'
import { accepts } from 'hono/accepts'

/** Something that can be had as a media type. */
export interface Offer {
  readonly name: string
  readonly mediaType: string
}

/** One range of an `Accept` header. */
export interface MediaRange {
  readonly type: string
  /** How much it is liked, from 0 to 1; 0 is not at all. */
  readonly q: number
}

/**
 * Which of the offers a client wants by its `Accept`, as RFC 9110 has it: the most specific range
 * says how much it likes each; of equals the first wins. Without the header the first is taken.
 * @throws {RequestError} not_acceptable
 */
export function negotiate<T extends Offer>(c: Context, offers: readonly T[]): T {
  const chosen = accepts(c, {
    header: 'Accept',
    supports: offers.map(({ name }) => name),
    default: offers[0]?.name ?? '',
    match: (ranges) => preferred(offers, ranges)?.name ?? '',
  })
  const offer = offers.find(({ name }) => name === chosen)
  if (offer !== undefined) return offer
  const types = [...new Set(offers.map(({ mediaType }) => mediaType))]
  throw new RequestError('not_acceptable', `this can be had as ${types.join(', ')}`)
}

/** The offer with the highest quality above 0; of equals the first. */
export function preferred<T extends Offer>(
  offers: readonly T[],
  ranges: readonly MediaRange[],
): T | null {
  let best: T | null = null
  let bestQuality = 0
  for (const offer of offers) {
    const quality = qualityOf(essence(offer.mediaType), ranges)
    if (quality > bestQuality) {
      best = offer
      bestQuality = quality
    }
  }
  return best
}

function qualityOf(mediaType: string, ranges: readonly MediaRange[]): number {
  const [family] = mediaType.split('/')
  for (const range of [mediaType, `${family}/*`, '*/*']) {
    const qualities = ranges.filter(({ type }) => type.toLowerCase() === range).map(({ q }) => q)
    if (qualities.length > 0) return Math.max(...qualities)
  }
  return 0
}

/** A media type without its parameters. */
export const essence = (mediaType: string): string =>
  (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase()
