import { createRequire } from 'node:module'

type TryLock = (fd: number, offset: number, length: number) => boolean

/** The part of the package used here; it ships no types. */
interface Package {
  readonly tryLock: TryLock
}
interface Binding {
  /** Throws EAGAIN when another open file holds the lock. */
  tryLock(fd: number, offset: number, length: number, isExclusive: boolean): void
}

const PACKAGE = 'fs-native-extensions'

/**
 * The locked range. On Windows other processes cannot read a locked range, and they must be able to read
 * the holder's name from the file, so one byte far after the content is locked. macOS supports locks of
 * whole files only.
 */
const RANGE: readonly [offset: number, length: number] =
  process.platform === 'darwin' ? [0, 0] : [2 ** 30, 1]

/**
 * Error codes of a lock that another process holds: POSIX, and LockFileEx as libuv translates it.
 */
const HELD: ReadonlySet<unknown> = new Set(['EAGAIN', 'EACCES', 'EBUSY'])

/**
 * Locks an open file exclusively. Returns false if it is locked through another open descriptor, in
 * this process or another. The lock belongs to the descriptor: the kernel releases it when the
 * descriptor is closed or its process ends for any reason.
 */
export function tryLockFile(fd: number): boolean {
  const tryLock = load()
  try {
    return tryLock(fd, ...RANGE)
  } catch (error) {
    if (error instanceof Error && 'code' in error && HELD.has(error.code)) return false
    throw error
  }
}

function load(): TryLock {
  const require = createRequire(import.meta.url)
  try {
    return (require(PACKAGE) as Package).tryLock
  } catch (error) {
    // On Alpine the package looks for a separate binary, which it does not ship. Its Linux binary
    // also works with musl.
    const binary = `${PACKAGE}/prebuilds/${process.platform}-${process.arch}/${PACKAGE}.node`
    try {
      const binding = require(binary) as Binding
      return (fd, offset, length) => {
        binding.tryLock(fd, offset, length, true)
        return true
      }
    } catch {
      throw error
    }
  }
}
