/** A row as Postgres writes it: one text or null for each column, in the table's order. */
export type Fields = readonly (string | null)[]

/**
 * Reads one row literal, `(1,a,,"x ""y"" \\z")`, from `start`. Nothing between two commas is null,
 * `""` is the empty text; inside quotes a quote and a backslash are doubled.
 */
export function parseRecord(text: string, start = 0): { fields: Fields; end: number } {
  if (text[start] !== '(') throw new SyntaxError(`no row at ${start}`)
  const fields: (string | null)[] = []
  let i = start + 1
  for (;;) {
    if (text[i] === '"') {
      const field = quotedField(text, i)
      fields.push(field.value)
      i = field.end
    } else {
      let end = i
      while (end < text.length && text[end] !== ',' && text[end] !== ')') end++
      fields.push(end === i ? null : text.slice(i, end))
      i = end
    }
    const next = text[i]
    i++
    if (next === ')') return { fields, end: i }
    if (next !== ',') throw new SyntaxError(`a row without an end from ${start}`)
  }
}

function quotedField(text: string, start: number): { value: string; end: number } {
  let i = start + 1
  for (;;) {
    const quote = text.indexOf('"', i)
    if (quote === -1) throw new SyntaxError(`a field without an end from ${start}`)
    if (text[quote + 1] !== '"') {
      const raw = text.slice(start + 1, quote)
      return { value: undouble(raw), end: quote + 1 }
    }
    i = quote + 2
  }
}

/**
 * Most fields contain neither quotes nor backslashes, and a bytea contains one backslash; both stay
 * cheap.
 */
function undouble(raw: string): string {
  const plain = raw.includes('"') ? raw.replaceAll('""', '"') : raw
  return plain.includes('\\') ? plain.replaceAll('\\\\', '\\') : plain
}
