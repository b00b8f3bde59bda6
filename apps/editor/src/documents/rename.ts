import * as Y from 'yjs'

/**
 * Replaces the first line of a document, which is its title.
 * @returns the edit as an update; null if the line already says this
 */
export function renaming(stored: Uint8Array, title: string): Uint8Array | null {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, stored)
  const before = Y.encodeStateVector(doc)
  const fragment = doc.getXmlFragment('default')
  const line = firstLineIn(fragment)
  if (line !== null && plain(line) === title) return null
  doc.transact(() => {
    if (line === null) fragment.insert(0, [headingOf(title)])
    else replace(line, title)
  })
  const update = Y.encodeStateAsUpdate(doc, before)
  doc.destroy()
  return update
}

/** The first text that is not empty, in reading order. */
function firstLineIn(parent: Y.XmlFragment): Y.XmlText | null {
  for (const child of parent.toArray()) {
    if (child instanceof Y.XmlText) {
      if (plain(child).trim() !== '') return child
    } else if (child instanceof Y.XmlElement) {
      const found = firstLineIn(child)
      if (found !== null) return found
    }
  }
  return null
}

const plain = (text: Y.XmlText): string =>
  (text.toDelta() as { insert: unknown }[])
    .map(({ insert }) => (typeof insert === 'string' ? insert : ''))
    .join('')

/** Changes only the letters that differ, so that the caret of a person in the title stays. */
function replace(text: Y.XmlText, title: string): void {
  const now = plain(text)
  let start = 0
  while (start < Math.min(now.length, title.length) && now[start] === title[start]) start += 1
  let end = 0
  const most = Math.min(now.length, title.length) - start
  while (end < most && now[now.length - 1 - end] === title[title.length - 1 - end]) end += 1
  text.delete(start, now.length - start - end)
  text.insert(start, title.slice(start, title.length - end))
}

function headingOf(title: string): Y.XmlElement {
  const heading = new Y.XmlElement('heading')
  heading.setAttribute('level', 1 as unknown as string)
  heading.insert(0, [new Y.XmlText(title)])
  return heading
}
