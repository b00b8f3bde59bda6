import type { Node } from '@tiptap/pm/model'
import { UNTITLED } from './deviceList.ts'

const LONGEST = 90

/** The title of a document: its first line that is not empty. */
export function titleOf(content: Node): string {
  let line = ''
  content.descendants((node) => {
    if (line !== '') return false
    if (!node.isTextblock) return true
    // A hard break ends the line; it has no text of its own.
    line =
      node.textBetween(0, node.content.size, undefined, '\n').trim().split('\n')[0]?.trim() ?? ''
    return false
  })
  return titleOfLine(line)
}

export const titleOfLine = (line: string): string =>
  line.trim() === '' ? UNTITLED : shortened(line.trim().replace(/\s+/g, ' '))

function shortened(line: string): string {
  if (line.length <= LONGEST) return line
  const head = line.slice(0, LONGEST)
  const lastSpace = head.lastIndexOf(' ')
  return `${(lastSpace > LONGEST / 2 ? head.slice(0, lastSpace) : head).trimEnd()}…`
}
