// The guides for people who come from another provider: the app, its change and the names of each page.
import { applyDiff, changedLines } from '../readme/diff.ts'
import { type Block, docsPage, namesIn, type Page, tableRowsIn } from '../readme/readme.ts'

export interface Guide {
  /** The page, without `.md`. */
  readonly name: string
  /** The provider in the heading of the table of names. */
  readonly peer: string
  readonly before: Stage
  readonly after: Stage
  readonly changed: { readonly removed: number; readonly added: number }
  readonly names: readonly Names[]
}

/** The app, as the page has it before or after the change. */
export interface Stage {
  readonly files: ReadonlyMap<string, string>
  readonly installs: readonly string[]
  /** Statements for the database of the app. */
  readonly sql: readonly string[]
  /** The command that moves stored documents, if there is one. */
  readonly import?: string
  readonly server: string
}

/** A row of the table: the provider's names, and ours. */
export interface Names {
  readonly theirs: readonly string[]
  readonly ours: readonly string[]
}

export const GUIDES: readonly Guide[] = [
  'from-y-websocket',
  'from-hocuspocus',
  'from-upstream',
  'from-y-webrtc',
].map(readGuide)

function readGuide(name: string): Guide {
  const page = docsPage(name)
  const inPart = (part: string) => page.blocks.filter(({ heading }) => heading === part)
  const [before, after] = [inPart('Before'), inPart('After')]
  const files = filesOf(new Map(), before)
  const [[peer = ''] = [], , ...rows] = tableRowsIn(page.prose)
  return {
    name,
    peer,
    before: { files, ...commandsOf(page, before) },
    after: { files: filesOf(files, after), ...commandsOf(page, after) },
    changed: changedLines(
      after.flatMap(({ language, content }) => (language === 'diff' ? [content] : [])),
    ),
    names: rows.map(([theirs = '', ours = '']) => ({
      theirs: namesIn(theirs),
      ours: namesIn(ours),
    })),
  }
}

/** A block with a file name is the file, or a change of it. */
function filesOf(
  earlier: ReadonlyMap<string, string>,
  blocks: readonly Block[],
): ReadonlyMap<string, string> {
  const files = new Map(earlier)
  for (const { info, language, content } of blocks) {
    const file = /^\[(.+)\]$/.exec(info)?.[1]
    if (file === undefined) continue
    files.set(file, language === 'diff' ? applyDiff(files.get(file) ?? '', content) : content)
  }
  return files
}

function commandsOf({ file }: Page, blocks: readonly Block[]): Omit<Stage, 'files'> {
  const shell = blocks.filter(({ language }) => language === 'sh')
  const named = (name: string): string[] =>
    shell.flatMap(({ info, content }) => (info === name ? content.trim().split('\n') : []))
  const [server] = named('server')
  const [moves] = named('import')
  if (server === undefined) throw new Error(`${file} has a part without the command of a server`)
  const sql = blocks.flatMap(({ language, content }) => (language === 'sql' ? [content] : []))
  return { installs: named(''), server, sql, ...(moves === undefined ? {} : { import: moves }) }
}
