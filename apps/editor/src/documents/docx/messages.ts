import type { Loss } from '../serverTypes.ts'

/** Something that a Word file has and the document cannot hold. */
export type Lost = Pick<Loss, 'kind' | 'name'>

const STYLE = /^Unrecognised (paragraph|run|table) style: '?(.*?)'? \(Style ID: /
const ELEMENT = /^An unrecognised element was ignored: (.+)$/

/** The loss that a message of the converter names. */
export function lostIn(message: string): Lost {
  const [, , style] = STYLE.exec(message) ?? []
  if (style !== undefined) return { kind: 'structure', name: `style “${style}”` }
  const [, element] = ELEMENT.exec(message) ?? []
  return element === undefined
    ? { kind: 'structure', name: `(${message})` }
    : { kind: 'node', name: element }
}

/** The losses, each once with its number. */
export function counted(lost: readonly Lost[]): Loss[] {
  const losses = new Map<string, Loss>()
  for (const { kind, name } of lost) {
    const key = `${kind} ${name}`
    losses.set(key, { kind, name, count: (losses.get(key)?.count ?? 0) + 1 })
  }
  return [...losses.values()]
}
