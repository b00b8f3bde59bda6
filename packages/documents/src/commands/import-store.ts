import { RequestError } from '@y-electric/server'
import { SingleBar } from 'cli-progress'
import type pg from 'pg'
import { type TransferredDocument, transferDocument } from '../documents/index.ts'
import { type ForeignStore, STORES, type StoreKind, type StoreName } from '../stores/index.ts'
import { UsageError } from './arguments.ts'
import type { Call, Io, Outcome } from './command.ts'
import { count, harmlessLine } from './text.ts'

export interface StoreToImport {
  readonly from: StoreName
  /** A file, a folder or a URL; empty: the database of the server. */
  readonly place: string
  readonly table: string | null
  readonly dryRun: boolean
}

interface Refused {
  readonly docId: string
  /** An error code of the server. */
  readonly code: string
  readonly message: string
}

/**
 * Imports every document of another product's store, and compares each stored document with its source. A document that
 * is refused does not stop the others.
 */
export async function importStore(
  { from, place, table, dryRun }: StoreToImport,
  { io, isJson, withPool }: Pick<Call, 'io' | 'isJson' | 'withPool'>,
): Promise<Outcome> {
  const kind: StoreKind = STORES[from]
  if (kind.place !== null && place === '') {
    throw new UsageError(`${kind.place} is missing: --from ${from} reads ${kind.summary}`)
  }
  if (kind.place !== null && table !== null) {
    throw new UsageError(`--table is for a database, and --from ${from} reads ${kind.summary}`)
  }
  return withPool(async (pool, description) => {
    const store = await kind.open({ place, table, pool })
    try {
      if (!isJson) io.write(`${description}\n`)
      return await importAll(pool, store, dryRun, { io, isJson })
    } finally {
      await store.close()
    }
  })
}

async function importAll(
  pool: pg.Pool,
  store: ForeignStore,
  dryRun: boolean,
  output: Pick<Call, 'io' | 'isJson'>,
): Promise<Outcome> {
  const names = await store.names()
  const progress = progressOf(output, names.length)
  const documents: TransferredDocument[] = []
  const refused: Refused[] = []
  for (const name of names) {
    progress.begin(name)
    try {
      const document = await transferDocument(pool, name, await store.updates(name), { dryRun })
      documents.push(document)
      progress.end(`${document.state}${proofOf(document)}`)
    } catch (error) {
      // Any other error does not concern this document: the database is unavailable, or the store cannot be read.
      if (!(error instanceof RequestError)) throw error
      refused.push({ docId: name, code: error.code, message: error.message })
      progress.end(`refused (${error.code})`)
    }
  }
  progress.stop()
  const text = [sumOf(documents), ...linesOf(refused)].join('\n')
  return { json: { documents, refused }, text, failed: refused.length > 0 }
}

const STATES = {
  imported: 'imported, and proved equal to the source',
  new: 'to import',
  present: 'stored already, with everything that the source has',
  empty: 'without content',
} as const

function sumOf(documents: readonly TransferredDocument[]): string {
  const parts = Object.entries(STATES).flatMap(([state, meaning]) => {
    const inState = documents.filter((document) => document.state === state)
    return inState.length === 0 ? [] : [`${count(inState.length, 'document')} ${meaning}`]
  })
  return parts.length === 0 ? 'no documents' : parts.join('\n')
}

const linesOf = (refused: readonly Refused[]): string[] =>
  refused.length === 0
    ? []
    : [
        `${count(refused.length, 'document')} refused; correct the source or import them alone:`,
        ...refused.map(({ docId, code, message }) => `  ${docId}: ${code}: ${message}`),
      ]

/** The beginning of the hash of the content, which is the same in the source and in the database. */
const proofOf = ({ state, source }: TransferredDocument): string =>
  state === 'empty' ? '' : `, content ${source.content.slice(0, 12)}`

interface Progress {
  begin(name: string): void
  end(what: string): void
  stop(): void
}

/** A bar on a terminal, otherwise a line for each document. */
function progressOf({ io, isJson }: { io: Io; isJson: boolean }, total: number): Progress {
  let current = ''
  if (isJson || !io.hasTerminal) {
    return {
      begin: (name) => {
        current = name
      },
      end: (what) => {
        if (!isJson) io.write(`  ${current}: ${what}\n`)
      },
      stop: () => {},
    }
  }
  const bar = new SingleBar({ format: '  {bar} {value}/{total}  {docId}', hideCursor: true })
  bar.start(total, 0, { docId: '' })
  return {
    begin: (name) => bar.update({ docId: harmlessLine(name) }),
    end: () => bar.increment(),
    stop: () => bar.stop(),
  }
}
