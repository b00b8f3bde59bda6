import { toBase64 } from 'lib0/buffer'
import * as sha256 from 'lib0/hash/sha256'
import { encodeUtf8 } from 'lib0/string'
import type { ShareAmongTabs } from '../io/live-hubs.ts'
import { canShareTabs } from './channel.ts'
import { LiveLeader } from './live-leader.ts'

/** Shares streams among the tabs of this browser, where it can; null: each page has its own. */
export const liveSharing = (isWanted: boolean): ShareAmongTabs | null =>
  isWanted && canShareTabs()
    ? ({ key, ...options }) =>
        // Locks and channels have names that pages of this origin can list.
        new LiveLeader({ ...options, name: toBase64(sha256.digest(encodeUtf8(key))) })
    : null
