const UNITS = ['KB', 'MB', 'GB'] as const

/** A size as one says it: three digits are enough. */
export function bytesInWords(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  let size = bytes
  let unit: string = 'B'
  for (const larger of UNITS) {
    if (size < 999.5) break
    size /= 1_024
    unit = larger
  }
  return `${size < 9.95 ? size.toFixed(1) : Math.round(size)} ${unit}`
}

/** How many of what: `1 row`, `1,204 rows`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** A part of a whole in percent; a part that is there is never called nothing. */
export function shareInWords(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0 %'
  const percent = (100 * part) / whole
  return percent < 1 ? '< 1 %' : `${Math.round(percent)} %`
}

/** How many times as large, as one would say it: `12×`, `1.4×`. */
export function timesInWords(large: number, small: number): string {
  const times = large / Math.max(1, small)
  return `${times < 9.95 ? times.toFixed(1) : Math.round(times).toLocaleString('en')}×`
}
