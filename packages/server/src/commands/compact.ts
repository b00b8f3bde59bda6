import { SingleBar } from 'cli-progress'
import { openBackend } from '../backend.ts'
import { compactDocument } from '../compaction/compact.ts'
import type { Backend } from '../config.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { migrateDatabase } from '../startup/migrate.ts'
import { type Compactable, listCompactable } from '../store/index.ts'

export interface CompactOptions {
  readonly backend: Backend
  /** One document; null looks at all. */
  readonly docId: string | null
  readonly minRows: number
  /** Says what would be done, and does nothing. */
  readonly isDryRun: boolean
  readonly print: (line: string) => void
  /** Draw a bar; otherwise a line a document. */
  readonly hasTerminal: boolean
}

/** `compact` without `--min-rows`: a segment with fewer update rows is left alone. */
export const DEFAULT_MIN_ROWS = 20

/** Compacts documents that nobody has open. @returns how many could not be. */
export async function compact(options: CompactOptions): Promise<number> {
  const { docId, minRows, print } = options
  const backend = await openBackend(options.backend)
  try {
    await migrateDatabase(backend.pool, options.backend)
    const documents = await listCompactable(backend.pool, { docId, minRows })
    print(`${backend.description}: ${count(documents.length, 'document')} to compact`)
    if (options.isDryRun) {
      for (const document of documents) print(`  ${describe(document)}`)
      return 0
    }
    return await compactAll(documents, options, (document) =>
      compactDocument(backend.pool, document, minRows, DEFAULT_LIMITS),
    )
  } finally {
    await backend.close()
  }
}

async function compactAll(
  documents: readonly Compactable[],
  { print, hasTerminal }: CompactOptions,
  run: (document: Compactable) => ReturnType<typeof compactDocument>,
): Promise<number> {
  const bar = hasTerminal
    ? new SingleBar({ format: '  {bar} {value}/{total}  {docId}', hideCursor: true })
    : null
  bar?.start(documents.length, 0, { docId: '' })
  const total = { rows: 0, before: 0, after: 0 }
  const refused: string[] = []
  for (const document of documents) {
    const { docId } = document
    bar?.update({ docId })
    const outcome = await run(document)
    if (outcome.type === 'refused') refused.push(`  ${docId}: ${outcome.detail}`)
    else {
      total.rows += outcome.rows
      total.before += outcome.bytesBefore
      total.after += outcome.bytesAfter
      if (bar === null) {
        print(
          `  ${docId}: ${outcome.rows} rows, ${outcome.bytesBefore} -> ${outcome.bytesAfter} bytes`,
        )
      }
    }
    bar?.increment()
  }
  bar?.stop()
  const done = documents.length - refused.length
  print(
    `${count(done, 'document')} compacted: ${count(total.rows, 'row')} folded, ${total.before} -> ${total.after} bytes`,
  )
  if (refused.length > 0) print(`${count(refused.length, 'document')} left as they were:`)
  for (const line of refused) print(line)
  return refused.length
}

const describe = ({ docId, activeRows, sealedRows }: Compactable): string =>
  `${docId}: ${count(activeRows, 'row')} in the active segment, ${sealedRows} in sealed ones`

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
