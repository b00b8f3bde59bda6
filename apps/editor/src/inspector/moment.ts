import { whenInWords } from '../documents/when.ts'

const HOUR = 60 * 60_000

/** When a row was stored, for a list: relative if recent, otherwise the time of day. */
export function storedInWords(at: number, now: number, locale?: string): string {
  return now - at < HOUR ? whenInWords(at, now, locale) : clockInWords(at, now, locale)
}

/** The time of day to the second, after its date if that is not today. */
export const clockInWords = (at: number, now: number, locale?: string): string =>
  formatOf(locale, dateOf(at, now)).format(at)

/** The same to the millisecond. */
export const exactInWords = (at: number, now: number, locale?: string): string =>
  formatOf(locale, { ...dateOf(at, now), fractionalSecondDigits: 3 }).format(at)

type Options = Intl.DateTimeFormatOptions
const CLOCK: Options = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }

/** The parts of a date that distinguish it from today. */
function dateOf(at: number, now: number): Options {
  const then = new Date(at)
  const today = new Date(now)
  if (then.toDateString() === today.toDateString()) return {}
  const isThisYear = then.getFullYear() === today.getFullYear()
  return { day: 'numeric', month: 'short', ...(isThisYear ? {} : { year: 'numeric' }) }
}

/** Kept, because a page shows hundreds of times and making a format takes longer than using it. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(locale: string | undefined, options: Options): Intl.DateTimeFormat {
  const key = `${locale} ${Object.keys(options)}`
  const format = formats.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, ...CLOCK })
  formats.set(key, format)
  return format
}

/** A time as the value of an input for local times. */
export function toLocalInput(at: number): string {
  const then = new Date(at)
  const local = new Date(at - then.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)
}

/** The time of such a value; null if it is not complete. */
export function fromLocalInput(value: string): number | null {
  const at = new Date(value).getTime()
  return value === '' || Number.isNaN(at) ? null : at
}
