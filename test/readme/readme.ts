// Parses README.md and the pages of docs/ into code blocks and prose.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const root = path.resolve(import.meta.dirname, '../..')

export interface Block {
  /** The first word after the opening fence; empty for a diagram. */
  readonly language: string
  /** The rest of that line, for example a file name in brackets. */
  readonly info: string
  /** The heading of its section. */
  readonly heading: string
  readonly content: string
}

export interface Page {
  /** The file, relative to the repository. */
  readonly file: string
  readonly text: string
  readonly blocks: readonly Block[]
  /** The text outside the blocks. */
  readonly prose: string
}

const fence = /^```(\w*) ?([^\n]*)\n([\s\S]*?)^```$/gm

const blocksOf = (text: string): Block[] =>
  [...text.matchAll(fence)].map((found) => ({
    language: found[1] ?? '',
    info: found[2] ?? '',
    heading: [...text.slice(0, found.index).matchAll(/^## (.+)$/gm)].at(-1)?.[1] ?? '',
    content: found[3] ?? '',
  }))

function readPage(file: string): Page {
  const text = readFileSync(path.join(root, file), 'utf8')
  return { file, text, blocks: blocksOf(text), prose: text.replace(fence, '') }
}

export const readme: Page = readPage('README.md')

/** The pages of docs/ that people write; docs/api.md is made from the code. */
export const docs: readonly Page[] = readdirSync(path.join(root, 'docs'))
  .filter((file) => file.endsWith('.md') && file !== 'api.md')
  .sort()
  .map((file) => readPage(`docs/${file}`))

/** The pages that npm shows, by folder. */
export const packagePages: Readonly<Record<string, Page>> = Object.fromEntries(
  ['y-electric', 'server', 'documents', 'embedded', 'create-y-electric'].map((name) => [
    `packages/${name}`,
    readPage(`packages/${name}/README.md`),
  ]),
)

/** The snippets of docs/testing.md, which are one test file. */
export const testingSnippets = (): string =>
  docsPage('testing')
    .blocks.flatMap(({ language, content }) => (language === 'ts' ? [content] : []))
    .join('\n')

export function docsPage(name: string): Page {
  const found = docs.find(({ file }) => file === `docs/${name}.md`)
  if (found === undefined) throw new Error(`docs/${name}.md does not exist`)
  return found
}

/**
 * The README and the pages that describe the provider and the server in words: each name, number and command in them
 * is compared with the code.
 */
export const guide: readonly Page[] = [
  readme,
  ...[
    'provider',
    'offline',
    'presence',
    'codemirror',
    'authorization',
    'operations',
    'concepts',
  ].map(docsPage),
]

/** The text of the guide outside the blocks. */
export const prose = guide.map((page) => page.prose).join('\n\n')

/** The commands of the guide, in order. */
export const commands: readonly string[] = guide
  .flatMap(({ blocks }) => blocks)
  .filter(({ language }) => language === 'sh')
  .flatMap(({ content }) => content.split('\n'))
  .map((line) => line.trim())
  .filter((line) => line !== '')

/** Returns the only snippet of a page, or of one of its sections. */
export function snippetOf({ file, blocks }: Page, heading?: string): string {
  const [found, ...others] = blocks.filter(
    (block) => block.language === 'ts' && (heading ?? block.heading) === block.heading,
  )
  if (found === undefined || others.length > 0) {
    throw new Error(`${file} should have one TypeScript snippet under "${heading ?? ''}"`)
  }
  return found.content
}

/** The targets of a text's links, including pictures. */
export const linksIn = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)

/** The anchors of a page, one for each heading. */
export const anchorsIn = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )

/** The texts in backticks. */
export const namesIn = (part: string): string[] =>
  [...part.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

/** The rows of all tables of a text as cells, including headings and rulers. */
export const tableRowsIn = (text: string): readonly (readonly string[])[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
