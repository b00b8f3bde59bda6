import { toBase64 } from 'lib0/buffer'
import * as sha256 from 'lib0/hash/sha256'
import { encodeUtf8 } from 'lib0/string'
import type { ShareAmongTabs } from '../io/live-hubs.ts'
import type { Platform } from '../io/platform.ts'
import { LiveLeader } from './live-leader.ts'
import { tabSharing } from './sharing.ts'

/** Shares streams among the tabs of this browser, where it can; null: each page has its own. */
export function liveSharing(isWanted: boolean, platform: Platform): ShareAmongTabs | null {
  const sharing = isWanted ? tabSharing(platform) : null
  if (sharing === null) return null
  return ({ key, ...options }) =>
    new LiveLeader({
      ...options,
      sharing,
      page: platform.page,
      // Locks and channels have names that pages of this origin can list.
      name: toBase64(sha256.digest(encodeUtf8(key))),
    })
}
