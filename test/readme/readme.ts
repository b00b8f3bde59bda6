// README.md, taken apart: what it shows, and what it says.
import { readFileSync } from 'node:fs'
import path from 'node:path'

export const root = path.resolve(import.meta.dirname, '../..')

const text = readFileSync(path.join(root, 'README.md'), 'utf8')

export interface Block {
  /** What stands after the opening fence; empty for a picture. */
  readonly language: string
  /** Of the section that it stands in. */
  readonly heading: string
  readonly content: string
}

const fence = /^```(\w*)\n([\s\S]*?)^```$/gm

const blocksOf = (page: string): Block[] =>
  [...page.matchAll(fence)].map((found) => ({
    language: found[1] ?? '',
    heading: [...page.slice(0, found.index).matchAll(/^## (.+)$/gm)].at(-1)?.[1] ?? '',
    content: found[2] ?? '',
  }))

export const blocks: readonly Block[] = blocksOf(text)

/** The TypeScript of docs/tiptap.md. */
export const tiptapSnippets: readonly string[] = blocksOf(
  readFileSync(path.join(root, 'docs/tiptap.md'), 'utf8'),
).flatMap(({ language, content }) => (language === 'ts' ? [content] : []))

/** The pages of the packages, by folder. */
export const packagePages: Readonly<Record<string, string>> = Object.fromEntries(
  ['y-electric', 'server', 'documents', 'embedded'].map((name) => [
    `packages/${name}`,
    readFileSync(path.join(root, 'packages', name, 'README.md'), 'utf8'),
  ]),
)

/** The TypeScript of these pages. */
export const packageSnippets: readonly string[] = Object.values(packagePages)
  .flatMap(blocksOf)
  .flatMap(({ language, content }) => (language === 'ts' ? [content] : []))

/** Everything around the blocks. */
export const prose = text.replace(fence, '')

/** What a reader is told to type, in the order of the README. */
export const commands: readonly string[] = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ content }) => content.split('\n'))
  .map((line) => line.trim())
  .filter((line) => line !== '')

/** The one snippet of a section. */
export function snippetOf(heading: string): string {
  const [found, ...others] = blocks.filter(
    (block) => block.language === 'ts' && block.heading === heading,
  )
  if (found === undefined || others.length > 0) {
    throw new Error(`README.md should have one TypeScript snippet under "${heading}"`)
  }
  return found.content
}

/** Where its links lead, the pictures among them. */
export const linksIn = (page: string): string[] =>
  [...page.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)

export const links: readonly string[] = linksIn(prose)

/** What stands in backticks. */
export const namesIn = (part: string): string[] =>
  [...part.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

/** The rows of all tables, cell by cell; headings and rulers are among them. */
export const tableRows: readonly (readonly string[])[] = prose
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
