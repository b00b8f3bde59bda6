import { toBase64 } from 'lib0/buffer'
import * as sha256 from 'lib0/hash/sha256'
import { encodeUtf8 } from 'lib0/string'
import type { ShareAmongTabs } from '../io/live-hubs.ts'
import { canShareTabs } from './channel.ts'
import { LiveLeader } from './live-leader.ts'

/**
 * Shares streams among the tabs of this browser; null where that is impossible, so that each page
 * has its own.
 */
export const liveSharing = (isWanted: boolean): ShareAmongTabs | null =>
  isWanted && canShareTabs()
    ? ({ key, ...options }) =>
        // Pages of this origin can list the names of locks and channels.
        new LiveLeader({ ...options, name: toBase64(sha256.digest(encodeUtf8(key))) })
    : null
