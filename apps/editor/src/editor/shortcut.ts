const onApple = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

const APPLE_SIGNS: Record<string, string> = { Mod: '⌘', Alt: '⌥', Shift: '⇧' }
const WORDS: Record<string, string> = { Mod: 'Ctrl' }

/** A shortcut in the notation of this machine's keyboard. */
export function shortcutInWords(shortcut: string, apple = onApple): string {
  const keys = shortcut.split('-')
  return apple
    ? keys.map((key) => APPLE_SIGNS[key] ?? key).join('')
    : keys.map((key) => WORDS[key] ?? key).join('+')
}

/** The shortcut in the notation of `aria-keyshortcuts`, for assistive technology. */
export function ariaShortcut(shortcut: string, apple = onApple): string {
  return shortcut
    .split('-')
    .map((key) => (key === 'Mod' ? (apple ? 'Meta' : 'Control') : key))
    .join('+')
}
