// The parts of the client that read the answers of a server, or of an attacker that pretends to be one.
export {
  followMessage,
  rowSeq,
  type ShapeMessage,
} from '../../../packages/y-electric/src/core/follow.ts'
export { presenceMessage } from '../../../packages/y-electric/src/core/presence-message.ts'
export { systemClock } from '../../../packages/y-electric/src/io/clock.ts'
export type { Http } from '../../../packages/y-electric/src/io/http.ts'
export { PresenceReceiver } from '../../../packages/y-electric/src/io/presence-receiver.ts'
export { followShape } from '../../../packages/y-electric/src/io/shape-reader.ts'
export { wholeEvents } from '../../../packages/y-electric/src/io/sse-events.ts'
export { readState } from '../../../packages/y-electric/src/io/state-reader.ts'
