import { ShapeStream } from '@electric-sql/client'
import { type Clock, systemClock } from './clock.ts'

/** A message channel between the tabs of one browser. */
export interface PlatformChannel {
  onmessage: ((event: MessageEvent) => void) | null
  postMessage(message: unknown): void
  close(): void
}

/** A worker that is asked and answers. */
export interface PlatformWorker {
  onmessage: ((event: MessageEvent) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
  postMessage(message: unknown): void
  terminate(): void
}

/** The events of the page that a provider listens to, and the target that emits each. */
export interface PlatformPage {
  /** `online`, `pagehide`, `pageshow` and `beforeunload`; null where there is no page. */
  readonly window: Pick<EventTarget, 'addEventListener' | 'removeEventListener'> | null
  /** `visibilitychange`; null where there is no page. */
  readonly document: Pick<EventTarget, 'addEventListener' | 'removeEventListener'> | null
  /** False in a hidden page; true where there is no page. */
  isVisible(): boolean
  /** False if the runtime knows that there is no network. */
  isOnline(): boolean
  /** The address of the page; null where there is none. */
  location(): { readonly origin: string; readonly protocol: string } | null
}

/**
 * Everything that a provider takes from its runtime. Tests replace it as a whole, so that no global has to
 * be patched; storage is injected as `persistence`.
 */
export interface Platform {
  /** Time, randomness and ids. */
  readonly clock: Clock
  readonly fetch: typeof fetch
  /** Web Locks; null in old browsers, outside of browsers, and on pages that are not served securely. */
  locks(): Pick<LockManager, 'request' | 'query'> | null
  /** Opens a channel to the other tabs; null where there are no channels. */
  openChannel: ((name: string) => PlatformChannel) | null
  /** Starts a worker; null where a page cannot have one. The worker files are modules of this package. */
  startWorker(kind: 'alarm' | 'fold'): PlatformWorker | null
  /** Whether there are workers at all. Without them there is no page to stall. */
  hasWorkers(): boolean
  readonly page: PlatformPage
  /** Electric's client, whose timers are its own. */
  readonly ShapeStream: typeof ShapeStream
}

/** The globals of this runtime. Each is looked up when it is used: a page may replace one later. */
export const systemPlatform: Platform = {
  clock: systemClock,
  fetch: (input, init) => globalThis.fetch(input, init),
  locks: () => (typeof navigator === 'object' && navigator?.locks ? navigator.locks : null),
  get openChannel() {
    return typeof BroadcastChannel === 'function'
      ? (name: string) => new BroadcastChannel(name) as PlatformChannel
      : null
  },
  hasWorkers: () => typeof Worker !== 'undefined',
  startWorker(kind) {
    if (typeof Worker === 'undefined') return null
    try {
      // Bundlers recognise this form, and bundle the worker too.
      return kind === 'alarm'
        ? new Worker(new URL('./alarm-worker.js', import.meta.url), { type: 'module' })
        : new Worker(new URL('./fold-worker.js', import.meta.url), { type: 'module' })
    } catch {
      return null
    }
  },
  page: {
    get window() {
      return typeof addEventListener === 'function' && typeof removeEventListener === 'function'
        ? globalThis
        : null
    },
    get document() {
      return typeof document === 'undefined' ? null : document
    },
    isVisible: () => typeof document === 'undefined' || document.visibilityState === 'visible',
    isOnline: () => typeof navigator === 'undefined' || navigator.onLine !== false,
    location: () => (typeof location === 'undefined' ? null : location),
  },
  ShapeStream,
}
