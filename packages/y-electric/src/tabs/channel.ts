import type { TabMessage } from './messages.ts'
import type { TabSharing } from './sharing.ts'

/**
 * The tabs of one browser that share something: a name for each, messages to all others, and notice
 * of tabs that are gone.
 */
export interface TabChannel<M extends Signed = TabMessage> {
  readonly tab: string
  post(message: Unsigned<M>): void
  close(): void
}

interface Signed {
  readonly tab: string
}

type Unsigned<M> = M extends unknown ? Omit<M, 'tab'> : never

export interface TabChannelOptions<M extends Signed = TabMessage> {
  /** Names what is shared: the server and the document, for example. */
  readonly name: string
  /** The name of this tab. */
  readonly tab: string
  readonly sharing: TabSharing
  readonly onMessage: (message: M) => void
  /** Called when a tab that had sent a message is gone, however it ended. */
  readonly onGone: (tab: string) => void
}

const lockOf = (tab: string): string => `y-electric:tab:${tab}`

/**
 * Opens the channel. Each tab holds a Web Lock with its own name for as long as it lives, and waits
 * for the locks of the others. So it detects the end of any tab, including a
 * crash (TAB-1).
 */
export function openTabChannel<M extends Signed = TabMessage>(
  options: TabChannelOptions<M>,
): TabChannel<M> {
  const { name, tab, sharing, onMessage, onGone } = options
  const channel = sharing.openChannel(`y-electric:${name}`)
  const known = new Set<string>()
  const aborter = new AbortController()

  const ended = new Promise<void>((resolve) => {
    aborter.signal.addEventListener('abort', () => resolve())
  })
  void sharing.locks.request(lockOf(tab), () => ended)

  function watch(other: string): void {
    if (known.has(other)) return
    known.add(other)
    sharing.locks
      .request(lockOf(other), { signal: aborter.signal }, () => {
        known.delete(other)
        if (!aborter.signal.aborted) onGone(other)
      })
      .catch(() => {})
  }

  channel.onmessage = ({ data }: MessageEvent<M>) => {
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
