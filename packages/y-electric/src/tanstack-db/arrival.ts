import type { Message, Row } from '@electric-sql/client'
import type { ElectricCollectionUtils } from '@tanstack/electric-db-collection'

/** How long a write that the server has stored waits for its message, in milliseconds. */
const WAIT_MS = 5_000

/**
 * Begins to wait for the message of a write, before the write is sent. TanStack DB shows the optimistic row until the
 * returned function resolves, so that the old row does not appear again in between.
 *
 * The function never rejects: the server has stored the write by then, whether or not a message follows. None does if
 * the list does not have the row, or if somebody else has changed it since.
 */
export function arrivals<T extends Row<unknown>>(
  utils: ElectricCollectionUtils<T>,
): (isIt: (message: Message<T>) => boolean) => Promise<void> {
  const before = new Set<Message<T>>()
  // `awaitMatch` first looks through the messages that it keeps, and an older change may look like this one.
  const collect = (message: Message<T>): boolean => {
    before.add(message)
    return false
  }
  utils.awaitMatch(collect, 0).catch(ignore)
  return (isIt) =>
    utils
      .awaitMatch((message) => !before.has(message) && isIt(message), WAIT_MS)
      .then(ignore, ignore)
}

const ignore = (): void => {}
