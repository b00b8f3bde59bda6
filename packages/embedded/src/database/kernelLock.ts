import { createRequire } from 'node:module'

type TryLock = (fd: number, offset: number, length: number) => boolean

/** Only what is used here; the package ships no types. */
interface Package {
  readonly tryLock: TryLock
}
interface Binding {
  /** Throws EAGAIN when another open file holds the lock. */
  tryLock(fd: number, offset: number, length: number, isExclusive: boolean): void
}

const PACKAGE = 'fs-native-extensions'

/**
 * The locked range. Windows forbids others to read what is locked, and they read in the file who
 * holds it: so one byte far behind the content is locked. macOS knows locks of whole files only.
 */
const RANGE: readonly [offset: number, length: number] =
  process.platform === 'darwin' ? [0, 0] : [2 ** 30, 1]

/** Codes that mean "somebody else holds it": POSIX, and LockFileEx as libuv translates it. */
const HELD: ReadonlySet<unknown> = new Set(['EAGAIN', 'EACCES', 'EBUSY'])

/**
 * Locks an open file, exclusively, or returns false when it is locked through another opening of
 * it, be it in this process or in any other. The lock belongs to the descriptor: the kernel
 * releases it when the descriptor is closed or its process ends, in whatever way.
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
    // The package looks for a binary of its own on Alpine and has none, but its Linux binary needs
    // nothing that musl lacks.
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
