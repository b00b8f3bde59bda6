import { createHash } from 'node:crypto'
import type { Definition } from './definition.ts'
import type { PgSnapshot } from './visibility.ts'

/**
 * A handle says which shape it is and which snapshot its reader began with. All services of one
 * database make the same of the same, so that a reader may go from one to another.
 */
export interface HandleName {
  readonly shape: string
  /** Where the feed was before the rows were read. */
  readonly lsn: number
  /** What they hold of what comes after that place; null where that would be too long to say. */
  readonly visible: PgSnapshot | null
  /** Of a snapshot of several chunks: who made it, and is the only one that can give the others. */
  readonly maker: string | null
}

/** More transactions than this that were open meanwhile are not named. */
const MOST_IN_PROGRESS = 40

/** `<shape>-<place>`, as Electric's look, then what is visible, and the maker. */
export function formatHandle({ shape, lsn, visible, maker }: HandleName): string {
  const parts = [shape, lsn]
  if (visible !== null && visible.inProgress.length <= MOST_IN_PROGRESS) {
    parts.push([visible.xmin, visible.xmax, ...visible.inProgress].join('.'))
  }
  if (maker !== null) parts.push(maker)
  return parts.join('-')
}

const HANDLE =
  /^(?<shape>\d{1,20})-(?<lsn>\d{1,16})(?:-(?<visible>\d+(?:\.\d+)+))?(?:-(?<maker>\d+))?$/

export function parseHandle(text: string): HandleName | undefined {
  const groups = text.length > 1_000 ? undefined : HANDLE.exec(text)?.groups
  if (groups === undefined) return undefined
  const { shape = '', lsn, visible, maker } = groups
  const [xmin, xmax, ...inProgress] = (visible ?? '').split('.').map(Number)
  return {
    shape,
    lsn: Number(lsn),
    visible: xmin === undefined || xmax === undefined ? null : { xmin, xmax, inProgress },
    maker: maker ?? null,
  }
}

/**
 * Another handle for the same place. The maker in the handle only distinguishes handles, and has no
 * effect on a reader that has read the whole snapshot.
 */
export function renamed(handle: string): string {
  const name = parseHandle(handle)
  return name === undefined
    ? handle
    : formatHandle({ ...name, maker: String(Number(name.maker ?? -1) + 1) })
}

/** The same for the same rows and columns of the same table, in all services of one database. */
export function shapeIdOf({ key, table }: Definition, epoch: string): string {
  const hash = createHash('sha256').update(JSON.stringify([epoch, key, table.fingerprint]))
  return BigInt(`0x${hash.digest('hex').slice(0, 15)}`).toString()
}
