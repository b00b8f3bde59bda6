const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** The time in words for a list: relative if recent, otherwise the date. */
export function whenInWords(then: number, now: number, locale?: string): string {
  if (now - then < MINUTE) return 'just now'
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  if (now - then < 60 * MINUTE) return relative.format(-Math.floor((now - then) / MINUTE), 'minute')
  const days = Math.round((midnight(now) - midnight(then)) / DAY)
  if (days === 0)
    return new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }).format(then)
  if (days < 7) return relative.format(-days, 'day')
  const sameYear = new Date(then).getFullYear() === new Date(now).getFullYear()
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(then)
}

/** The exact time: the time of day, after its date if that is not today. */
export function momentInWords(then: number, now: number, locale?: string): string {
  const isToday = midnight(now) === midnight(then)
  return new Intl.DateTimeFormat(locale, {
    ...(isToday ? {} : { day: 'numeric', month: 'short' }),
    hour: 'numeric',
    minute: '2-digit',
  }).format(then)
}

function midnight(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0)
}
