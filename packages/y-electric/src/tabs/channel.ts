import { randomId } from '../io/clock.ts'
import type { TabMessage, UnsignedTabMessage } from './messages.ts'

/** The tabs of one browser on one document: a name for each, messages to all others, and who is gone. */
export interface TabChannel {
  readonly tab: string
  post(message: UnsignedTabMessage): void
  close(): void
}

export interface TabChannelOptions {
  /** Names the server and the document. */
  readonly name: string
  readonly onMessage: (message: TabMessage) => void
  /** A tab that had spoken is gone, however it ended. */
  readonly onGone: (tab: string) => void
}

/** True where tabs can work together; elsewhere each stands alone, and still converges. */
export const canShareTabs = (): boolean =>
  typeof BroadcastChannel === 'function' && typeof navigator === 'object' && !!navigator?.locks

const lockOf = (tab: string): string => `y-electric:tab:${tab}`

/**
 * Opens the channel. Each tab holds a Web Lock with its own name for as long as it lives, and waits
 * for the locks of the others: that is how the end of a tab is known, a crash included.
 */
export function openTabChannel({ name, onMessage, onGone }: TabChannelOptions): TabChannel {
  const tab = randomId()
  const channel = new BroadcastChannel(`y-electric:${name}`)
  const known = new Set<string>()
  const aborter = new AbortController()

  const ended = new Promise<void>((resolve) => {
    aborter.signal.addEventListener('abort', () => resolve())
  })
  void navigator.locks.request(lockOf(tab), () => ended)

  function watch(other: string): void {
    if (known.has(other)) return
    known.add(other)
    navigator.locks
      .request(lockOf(other), { signal: aborter.signal }, () => {
        known.delete(other)
        if (!aborter.signal.aborted) onGone(other)
      })
      .catch(() => {})
  }

  channel.onmessage = ({ data }: MessageEvent<TabMessage>) => {
    watch(data.tab)
    onMessage(data)
  }
  return {
    tab,
    post: (message) => channel.postMessage({ ...message, tab }),
    close() {
      channel.close()
      aborter.abort()
    },
  }
}
