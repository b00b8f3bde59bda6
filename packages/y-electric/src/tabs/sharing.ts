import type { Platform, PlatformChannel } from '../io/platform.ts'

/** The two parts of a browser with which its tabs work together. */
export interface TabSharing {
  readonly locks: Pick<LockManager, 'request'>
  readonly openChannel: (name: string) => PlatformChannel
}

/** Null where tabs cannot work together: there each tab is on its own, and still converges. */
export function tabSharing(platform: Platform): TabSharing | null {
  const locks = platform.locks()
  const { openChannel } = platform
  return locks === null || openChannel === null ? null : { locks, openChannel }
}
