const SCHEMES = new Set(['http:', 'https:', 'mailto:', 'tel:'])

/** Makes an address of what a person typed; null when no safe address can be made of it. */
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
 * Judges links that others wrote into the document, and reads them as browsers do: capitals in the
 * scheme, white space around the address and line breaks in it do not count.
 */
export function isLinkAddress(address: string): boolean {
  try {
    return SCHEMES.has(new URL(address).protocol)
  } catch {
    return false
  }
}
