// `npm run bench -- peers`: compares our server with Hocuspocus, y-websocket and upstream's y-electric.
import { createDatabase, startPostgres } from '../../test/harness/postgres.ts'
import {
  type Contender,
  ours,
  PEERS_FOLDER,
  peer,
  type Running,
  start,
} from './peers/contenders.ts'
import { installPeers } from './peers/install.ts'
import { ownRows } from './peers/ownRows.ts'
import { inRounds, tableRow } from './peers/rounds.ts'
import { commonRows, DEFAULT_SIZES, type PeersRow, type Sizes } from './peers/rows.ts'
import type { Report, Row } from './table.ts'
import { UsageError } from './usage-error.ts'

const allRows: readonly PeersRow[] = [...commonRows, ...ownRows]

export interface PeersOptions {
  /** The names of the rows to measure. Default: all. */
  readonly only?: readonly string[] | undefined
  readonly rounds: number
  /** A recording for the row `session`, instead of the one in the repository. */
  readonly trace?: string | undefined
  readonly say: (line: string) => void
}

/** Installs and measures the peers. @throws {UsageError} if a row is unknown */
export async function benchPeers({ trace, ...options }: PeersOptions): Promise<Report> {
  // Unknown rows are refused before anything is installed.
  const rows = chosenRows(options.only)
  await installPeers(PEERS_FOLDER, options.say)
  const cluster = await startPostgres({ durable: true })
  try {
    const { url } = await createDatabase(cluster.url)
    const contenders = [
      peer('Hocuspocus', 'hocuspocus'),
      peer('y-websocket', 'y-websocket'),
      ...onElectric(),
      ours('PGlite', {}),
      ours('native', { DATABASE_URL: url }),
    ]
    const sizes = { ...DEFAULT_SIZES, ...(trace !== undefined && { trace }) }
    return await measurePeers({ ...options, contenders, rows, sizes })
  } finally {
    await cluster.stop()
  }
}

/** The contenders on the Electric of the environment: upstream's y-electric, and our server. */
function onElectric(): Contender[] {
  const { ELECTRIC_URL, DATABASE_URL } = process.env
  if (!ELECTRIC_URL || !DATABASE_URL) return []
  const env = { ELECTRIC_URL, DATABASE_URL }
  return [peer('upstream', 'y-electric', env), ours('Electric', env)]
}

export interface MeasureOptions {
  /** The results of the others are compared with the first contender. */
  readonly contenders: readonly Contender[]
  readonly rows: readonly PeersRow[]
  readonly rounds: number
  readonly sizes: Sizes
  readonly say: (line: string) => void
}

/** Measures contenders side by side: in each round of a row, one after the other. */
export async function measurePeers(options: MeasureOptions): Promise<Report> {
  const { contenders, rows, rounds, sizes, say } = options
  const base = contenders[0]?.name ?? ''
  const running: Running[] = []
  try {
    for (const contender of contenders) running.push(await start(contender))
    const table: Row[] = []
    for (const row of rows) {
      say(`measuring ${row.name}`)
      const taking = running.filter((contender) => row.has?.(contender) ?? true)
      const results = await inRounds(taking, rounds, (contender) => row.measure(contender, sizes))
      table.push(...row.figures.map((figure) => tableRow(row.name, figure, results, base)))
    }
    return {
      title: `peers: the median of ${rounds} interleaved rounds; “×” is the median of the ratios to ${base} in each round`,
      rows: table,
      notes: NOTES,
    }
  } finally {
    for (const contender of running.toReversed()) await contender.stop()
  }
}

const NOTES = [
  'Each server has a separate process, and so have its clients. All of them, and Postgres, share the processors of this machine.',
  'Each client is the real provider of its project, with a separate connection. Hocuspocus and y-websocket keep documents in memory and acknowledge before they store anything; “upstream” and ours acknowledge commits.',
  'y-websocket has no acknowledgement: its edits count as acknowledged when the server has answered a later request on the same socket.',
  'Memory and CPU are those of the server process; with “native” and “Electric” the database runs in other processes.',
]

/** @throws {UsageError} */
export function chosenRows(only: readonly string[] | undefined): readonly PeersRow[] {
  const unknown = only?.find((name) => !allRows.some((row) => row.name === name))
  if (unknown !== undefined) {
    const names = allRows.map(({ name }) => name).join(', ')
    throw new UsageError(`there is no row "${unknown}" of peers: the rows are ${names}`)
  }
  return allRows.filter(({ name }) => only === undefined || only.includes(name))
}
