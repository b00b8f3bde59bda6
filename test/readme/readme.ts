// Parses README.md into code blocks and prose.
import { readFileSync } from 'node:fs'
import path from 'node:path'

export const root = path.resolve(import.meta.dirname, '../..')

const text = readFileSync(path.join(root, 'README.md'), 'utf8')

export interface Block {
  /** The text after the opening fence; empty for a diagram. */
  readonly language: string
  /** The heading of its section. */
  readonly heading: string
  readonly content: string
}

const fence = /^```(\w*)\n([\s\S]*?)^```$/gm

export const blocksOf = (page: string): Block[] =>
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

/** The snippets of docs/testing.md, which are one test file. */
export const testingSnippets: string = blocksOf(
  readFileSync(path.join(root, 'docs/testing.md'), 'utf8'),
)
  .flatMap(({ language, content }) => (language === 'ts' ? [content] : []))
  .join('\n')

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

/** The text outside the blocks. */
export const prose = text.replace(fence, '')

/** The commands of the README, in order. */
export const commands: readonly string[] = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ content }) => content.split('\n'))
  .map((line) => line.trim())
  .filter((line) => line !== '')

/** Returns the only snippet of a section. */
export function snippetOf(heading: string): string {
  const [found, ...others] = blocks.filter(
    (block) => block.language === 'ts' && block.heading === heading,
  )
  if (found === undefined || others.length > 0) {
    throw new Error(`README.md should have one TypeScript snippet under "${heading}"`)
  }
  return found.content
}

/** The targets of a page's links, including pictures. */
export const linksIn = (page: string): string[] =>
  [...page.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)

export const links: readonly string[] = linksIn(prose)

/** The texts in backticks. */
export const namesIn = (part: string): string[] =>
  [...part.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

/** The rows of all tables as cells, including headings and rulers. */
export const tableRows: readonly (readonly string[])[] = prose
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
