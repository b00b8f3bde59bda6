import { createHash } from 'node:crypto'
import type { Definition } from './definition.ts'
import type { PgSnapshot } from './visibility.ts'

/**
 * A handle identifies a shape and the snapshot that its reader began with. All services of one
 * database give the same handle to the same snapshot, so that a reader may switch services.
 */
export interface HandleName {
  readonly shape: string
  /** The LSN of the feed before the rows were read. */
  readonly lsn: number
  /**
   * The transactions after that LSN that the snapshot contains; null if the list would be too long.
   */
  readonly visible: PgSnapshot | null
  /**
   * For a snapshot of several chunks: the service that made it, which alone can serve its other
   * chunks.
   */
  readonly maker: string | null
}

/** The most in-progress transactions that a handle lists. */
const MOST_IN_PROGRESS = 40

/** `<shape>-<lsn>` like Electric's handles, followed by what is visible and by the maker. */
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

/** Equal for the same rows and columns of the same table, in all services of one database. */
export function shapeIdOf({ key, table }: Definition, epoch: string): string {
  const hash = createHash('sha256').update(JSON.stringify([epoch, key, table.fingerprint]))
  return BigInt(`0x${hash.digest('hex').slice(0, 15)}`).toString()
}
