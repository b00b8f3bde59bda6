/** An app knows its users. This page invents one for each window; the others see the name beside the caret. */
export const person = {
  name: kept('name', ['Quiet Heron', 'Bright Otter', 'Swift Lynx', 'Calm Badger', 'Early Wren']),
  color: kept('color', ['#2b6cb0', '#b83280', '#2f855a', '#c05621', '#6b46c1']),
}

/** The value that this window has kept, or any of these. */
function kept(key: string, values: string[]): string {
  const any = values[Math.floor(Math.random() * values.length)] ?? ''
  const value = sessionStorage.getItem(key) ?? any
  sessionStorage.setItem(key, value)
  return value
}
