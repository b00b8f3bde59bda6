import { DEFAULT_LIST_LIMIT, listDocuments, MAX_LIST_LIMIT } from '@y-electric/server'
import type { Command } from './command.ts'
import { integerOption, switchOption, textOption } from './options.ts'
import { ago, count, size, table } from './text.ts'

const PREFIX = textOption('--prefix <TEXT>', 'only documents whose ids begin with this')
const AFTER = textOption('--after <ID>', 'only documents after this id')
const LIMIT = integerOption('--limit <N>', 'the most documents to list', {
  minimum: 1,
  maximum: MAX_LIST_LIMIT,
  fallback: DEFAULT_LIST_LIMIT,
})
const DELETED = switchOption('--deleted', 'also list deleted documents')

const COLUMNS = [
  { heading: 'DOCUMENT' },
  { heading: 'ROWS', isRight: true },
  { heading: 'SNAPSHOTS', isRight: true },
  { heading: 'SIZE', isRight: true },
  { heading: 'CHANGED' },
]
/** The column is shown if some document keeps its history. */
const HISTORY = { heading: 'HISTORY' }

export const list: Command = {
  name: 'list',
  summary: 'list documents with their size and last change',
  arguments: [],
  options: [PREFIX, AFTER, LIMIT, DELETED],
  examples: ['list', 'list --prefix draft- --limit 20', 'list --deleted --json'],
  async run({ arguments: given, io, withPool }) {
    const page = await withPool((pool) =>
      listDocuments(pool, {
        prefix: given.option(PREFIX) ?? '',
        after: given.option(AFTER) ?? undefined,
        limit: given.option(LIMIT),
        includeDeleted: given.option(DELETED),
      }),
    )
    const now = io.now()
    const showsHistory = page.documents.some(({ keepHistory }) => keepHistory)
    const columns = showsHistory ? [...COLUMNS, HISTORY] : COLUMNS
    const rows = page.documents.map((document) => [
      document.docId,
      String(document.rows),
      String(document.snapshotRows),
      size(document.bytes),
      document.deletedAt === null
        ? ago(document.changedAt, now)
        : `deleted ${ago(document.deletedAt, now)}`,
      ...(showsHistory ? [document.keepHistory ? 'kept' : ''] : []),
    ])
    const end =
      page.next === null
        ? count(rows.length, 'document')
        : `${count(rows.length, 'document')}; there are more: --after ${JSON.stringify(page.next)}`
    return { json: page, text: rows.length === 0 ? end : `${table(columns, rows)}\n\n${end}` }
  },
}
