import type { Change, ContentDifference, ContentPath, TextPart } from '../documents/index.ts'

/** Longest value that is shown whole, in characters. */
const MAX_SHOWN = 200

/** What changed, for people: a change a line, or for a text its words with [-old-]{+new+}. */
export function describeDifference({ changes, isCut }: ContentDifference): string {
  if (changes.length === 0) return isCut ? 'Too much to compare.' : 'Nothing is different.'
  const lines = changes.map(describe)
  return [...lines, ...(isCut ? ['There is more: it was too much to compare all.'] : [])].join(
    '\n\n',
  )
}

function describe(change: Change): string {
  const where = pathText(change.path)
  switch (change.type) {
    case 'added':
      return `${where}: added ${shown(change.value)}`
    case 'removed':
      return `${where}: removed ${shown(change.value)}`
    case 'changed':
      return `${where}: ${shown(change.before)} -> ${shown(change.after)}`
    case 'text':
      return `${where}:\n${change.parts.map(partText).join('')}`
  }
}

/** `default / 2 / title`; a name that could be misread stands in quotes. */
const pathText = (path: ContentPath): string =>
  path
    .map((step) => (typeof step === 'string' && !/^[\w-]+$/.test(step) ? shown(step) : step))
    .join(' / ')

function partText(part: TextPart): string {
  switch (part.type) {
    case 'same':
      return part.text
    case 'added':
      return `{+${part.text}+}`
    case 'removed':
      return `[-${part.text}-]`
    case 'formatted':
      return `${part.text}{${shown(part.before)} -> ${shown(part.after)}}`
    case 'skipped':
      return ` … ${part.length} characters … `
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`
}
