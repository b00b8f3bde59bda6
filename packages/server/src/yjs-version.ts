import { type DecodedUpdate, isOfYjs14 } from 'y-electric/protocol'
import { RequestError } from './errors.ts'

/** @throws {RequestError} `unsupported_yjs`, for an update of a later Yjs than the one that reads it here */
export function requireYjs13(update: DecodedUpdate): void {
  if (!isOfYjs14(update)) return
  throw new RequestError(
    'unsupported_yjs',
    'the update was written by Yjs 14 (@y/y): its client ids have more than 32 bits. Its text would not show. Use yjs 13',
  )
}
