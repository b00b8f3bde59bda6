/** A mark of an axis. */
export interface Tick {
  readonly at: number
  readonly label: string
}

const UNITS = ['B', 'KB', 'MB', 'GB'] as const
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500]

/** Marks at round sizes, from 0 to the first one that is not smaller than `most`. */
export function byteTicks(most: number, maxSteps = 4): Tick[] {
  for (const [index, unit] of UNITS.entries()) {
    const size = 1_024 ** index
    for (const step of STEPS) {
      const steps = Math.max(1, Math.ceil(most / (step * size)))
      if (steps > maxSteps) continue
      return Array.from({ length: steps + 1 }, (_, place) => ({
        at: place * step * size,
        label: place === 0 ? '0' : `${place * step} ${unit}`,
      }))
    }
  }
  throw new RangeError(`no axis for ${most} bytes`)
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** The steps between marks of time; longer ones are whole days. */
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
]
const DAY_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]

/** Marks at round times of the local day, within a span. */
export function timeTicks(from: number, to: number, maxSteps: number, locale?: string): Tick[] {
  const step = TIME_STEPS.find((each) => (to - from) / each <= maxSteps)
  const midnight = new Date(from).setHours(0, 0, 0, 0)
  if (step !== undefined) {
    const label = new Intl.DateTimeFormat(locale, {
      hour: '2-digit',
      minute: '2-digit',
      ...(step < MINUTE && { second: '2-digit' as const }),
      hourCycle: 'h23',
    })
    const first = midnight + Math.ceil((from - midnight) / step) * step
    const count = Math.max(0, Math.floor((to - first) / step) + 1)
    return Array.from({ length: count }, (_, place) => {
      const at = first + place * step
      return { at, label: isMidnight(at) ? dayInWords(at, locale) : label.format(at) }
    })
  }
  const days = DAY_STEPS.find((each) => (to - from) / (each * DAY) <= maxSteps) ?? 20_000
  const ticks: Tick[] = []
  // By date, since a day with a change of the clock has 23 or 25 hours.
  for (const day = new Date(midnight); day.getTime() <= to; day.setDate(day.getDate() + days)) {
    const at = day.getTime()
    if (at >= from) ticks.push({ at, label: dayInWords(at, locale) })
  }
  return ticks
}

const isMidnight = (at: number): boolean => new Date(at).setHours(0, 0, 0, 0) === at

const dayInWords = (at: number, locale?: string): string =>
  new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }).format(at)
