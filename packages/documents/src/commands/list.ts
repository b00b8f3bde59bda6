import { DEFAULT_LIST_LIMIT, listDocuments, MAX_LIST_LIMIT } from '@y-electric/server'
import type { Command } from './command.ts'
import { integerOption, switchOption, textOption } from './options.ts'
import { ago, count, size, table } from './text.ts'

const PREFIX = textOption({
  name: 'prefix',
  placeholder: 'TEXT',
  summary: 'only documents whose ids begin with this',
})
const AFTER = textOption({
  name: 'after',
  placeholder: 'ID',
  summary: 'go on after this document',
})
const LIMIT = integerOption({
  name: 'limit',
  summary: 'how many at most',
  minimum: 1,
  maximum: MAX_LIST_LIMIT,
  fallback: DEFAULT_LIST_LIMIT,
})
const DELETED = switchOption({ name: 'deleted', summary: 'deleted documents too' })

const COLUMNS = [
  { heading: 'DOCUMENT' },
  { heading: 'ROWS', isRight: true },
  { heading: 'SNAPSHOTS', isRight: true },
  { heading: 'SIZE', isRight: true },
  { heading: 'CHANGED' },
]
/** Only where some document keeps its history. */
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
        limit: given.required(LIMIT),
        includeDeleted: given.required(DELETED),
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
