const SCHEMES = new Set(['http:', 'https:', 'mailto:', 'tel:'])

/**
 * Makes an address of what a person typed; null when no safe address can be made of it.
 * Also the judge of links that others wrote into the document.
 */
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

function isLinkAddress(address: string): boolean {
  try {
    return SCHEMES.has(new URL(address).protocol)
  } catch {
    return false
  }
}
