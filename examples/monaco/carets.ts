import type { Awareness } from 'y-protocols/awareness'

/** y-monaco gives the caret and the selection of each client a class. These rules add the person's colour and name. */
export function styleCarets(awareness: Awareness): void {
  const sheet = new CSSStyleSheet()
  document.adoptedStyleSheets.push(sheet)
  // Names and colours come from others: as values of one property they cannot become other rules.
  const rule = (selector: string, properties: Record<string, string>) => {
    const { style } = sheet.cssRules[sheet.insertRule(`${selector} {}`)] as CSSStyleRule
    for (const [name, value] of Object.entries(properties)) style.setProperty(name, value)
  }
  const show = () => {
    sheet.replaceSync('')
    for (const [client, { user }] of awareness.getStates()) {
      if (user === undefined) continue
      const { name, color } = user
      rule(`.yRemoteSelection-${client}`, { 'background-color': `${color}40` })
      rule(`.yRemoteSelectionHead-${client}`, { 'border-color': color })
      rule(`.yRemoteSelectionHead-${client}::after`, {
        content: JSON.stringify(name),
        'background-color': color,
      })
    }
  }
  awareness.on('change', show)
  show()
}
