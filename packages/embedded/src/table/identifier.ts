/** Quotes a name, `"a""b"`. Names enter SQL text only through this function. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

export type Parsed<T> = { ok: true; value: T } | { ok: false; message: string }

/**
 * Parses one identifier as SQL does: an unquoted name is lower-cased, a quoted one is kept as it
 * is.
 */
export function parseIdentifier(text: string): Parsed<string> {
  if (text === '' || text === '""') {
    return { ok: false, message: 'Invalid zero-length delimited identifier' }
  }
  if (text.startsWith('"')) {
    if (text.length < 2 || !text.endsWith('"') || /[^"](?:"")*"[^"]/.test(text.slice(1, -1))) {
      return {
        ok: false,
        message: `Invalid unquoted identifier contains special characters: ${text}`,
      }
    }
    return { ok: true, value: text.slice(1, -1).replaceAll('""', '"') }
  }
  if (!/^[\p{L}_][\p{L}\p{M}\p{N}_$]*$/u.test(text)) {
    return {
      ok: false,
      message: `Invalid unquoted identifier contains special characters: ${text}`,
    }
  }
  return { ok: true, value: text.toLowerCase() }
}

/** The parts between separators that are not inside double quotes. */
export function splitOutsideQuotes(text: string, separator: ',' | '.'): string[] {
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') quoted = !quoted
    else if (text[i] === separator && !quoted) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

export interface TableName {
  schema: string
  name: string
}

export function parseTableName(text: string): Parsed<TableName> {
  const parts = splitOutsideQuotes(text, '.')
  if (parts.length > 2) return { ok: false, message: 'table name does not match expected format' }
  const parsed = parts.map((part) => parseIdentifier(part))
  const [first, second] = parsed
  if (first === undefined || !first.ok) return first ?? { ok: false, message: "can't be blank" }
  if (second === undefined) return { ok: true, value: { schema: 'public', name: first.value } }
  if (!second.ok) return second
  return { ok: true, value: { schema: first.value, name: second.value } }
}

export function parseColumnList(text: string): Parsed<string[]> {
  const names: string[] = []
  for (const part of splitOutsideQuotes(text, ',')) {
    const parsed = parseIdentifier(part)
    if (!parsed.ok) return parsed
    names.push(parsed.value)
  }
  return { ok: true, value: names }
}
