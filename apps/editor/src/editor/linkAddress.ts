const SCHEMES = new Set(['http:', 'https:', 'mailto:', 'tel:'])

/** Converts a typed text to an address; null if it is not a safe address. */
export function linkAddressOf(typed: string): string | null {
  const text = typed.trim()
  if (text === '' || /\s/.test(text)) return null
  if (isLinkAddress(text)) return text
  if (/^[^@/:]+@[^@/:]+\.[^@/:]+$/.test(text)) return `mailto:${text}`
  const guess = `https://${text}`
  return /^(localhost|[^/:?#]+\.[^/:?#]+)([:/?#]|$)/.test(text) && isLinkAddress(guess)
    ? guess
    : null
}

/**
 * Checks links that others wrote into the document. The address is parsed as browsers do: capitals
 * in the scheme, surrounding white space and line breaks are ignored.
 */
export function isLinkAddress(address: string): boolean {
  try {
    return SCHEMES.has(new URL(address).protocol)
  } catch {
    return false
  }
}
