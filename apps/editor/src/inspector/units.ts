const UNITS = ['KB', 'MB', 'GB'] as const

/** A size for display, with at most three digits. */
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

/** A count with its noun: `1 row`, `1,204 rows`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** A share in percent; a share above zero is never shown as 0 %. */
export function shareInWords(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0 %'
  const percent = (100 * part) / whole
  return percent < 1 ? '< 1 %' : `${Math.round(percent)} %`
}

/** A ratio for display: `12×`, `1.4×`. */
export function timesInWords(large: number, small: number): string {
  const times = large / Math.max(1, small)
  return `${times < 9.95 ? times.toFixed(1) : Math.round(times).toLocaleString('en')}×`
}
