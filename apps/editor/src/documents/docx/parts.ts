import type { Loss } from '../serverTypes.ts'

/** Parts of a Word file that the converter does not read, by the names of their files in the archive. */
const UNREAD: readonly (readonly [name: string, file: RegExp])[] = [
  ['header', /word\/header\d*\.xml/g],
  ['footer', /word\/footer\d*\.xml/g],
  ['chart', /word\/charts\/chart\d*\.xml/g],
  ['diagram', /word\/diagrams\/data\d*\.xml/g],
  ['embedded file', /word\/embeddings\/[\w .-]+\.\w+/g],
]

/** The parts of a Word file that are not read. An archive names its files without compression. */
export function unreadParts(archive: Uint8Array): Loss[] {
  const text = new TextDecoder('latin1').decode(archive)
  return UNREAD.flatMap(([name, file]) => {
    const count = new Set(text.match(file)).size
    return count === 0 ? [] : [{ kind: 'node' as const, name, count }]
  })
}
