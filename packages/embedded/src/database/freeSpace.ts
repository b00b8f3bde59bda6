import { statfsSync } from 'node:fs'

const MEGABYTE = 1024 * 1024

/**
 * The space on the disk of the data folder below which writes are refused. A Postgres that cannot extend
 * its log stops working, and it needs a whole log file of 16 MiB at once: this is room for three.
 */
export const MIN_FREE_BYTES = 48 * MEGABYTE

/** The space that PGlite needs to open a data folder, and to close it: one log file and some pages. */
export const MIN_OPEN_BYTES = 20 * MEGABYTE

/** The space that PGlite needs for a new data folder. */
export const MIN_NEW_BYTES = 64 * MEGABYTE

/** Bytes on disk for each byte of a write: the row, the log, copies of changed pages, and indexes. */
export const BYTES_ON_DISK_PER_BYTE = 4

/**
 * Bytes that this process may still write to the disk of a folder; infinite if the system does not
 * report it.
 */
export function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

export const megabytes = (bytes: number): string => `${Math.floor(bytes / MEGABYTE)} MiB`
