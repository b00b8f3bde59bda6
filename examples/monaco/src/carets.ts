import type { Awareness } from 'y-protocols/awareness'

/**
 * y-monaco gives the selection of each client a class, and leaves name and colour to the app: a style sheet with rules
 * for each client.
 */
export function showCarets(awareness: Awareness): void {
  const sheet = new CSSStyleSheet()
  document.adoptedStyleSheets.push(sheet)
  const show = () => {
    const rules = [...awareness.getStates()].flatMap(([client, { user }]) =>
      rulesFor(client, String(user?.name ?? 'Somebody'), String(user?.color)),
    )
    sheet.replaceSync(rules.join('\n'))
  }
  awareness.on('change', show)
  show()
}

function rulesFor(client: number, name: string, color: string): string[] {
  // Other clients choose these values, so a colour must be one, and the name is quoted.
  const safe = CSS.supports('color', color) ? color : 'gray'
  return [
    `.yRemoteSelection-${client} { background: color-mix(in srgb, ${safe} 25%, transparent); }`,
    `.yRemoteSelectionHead-${client} { border-color: ${safe}; }`,
    `.yRemoteSelectionHead-${client}::after { content: "${CSS.escape(name)}"; background: ${safe}; }`,
  ]
}
