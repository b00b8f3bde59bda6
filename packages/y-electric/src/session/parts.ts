/** Parts of a session that need to know little of it, made of its options. */
import type { Awareness } from 'y-protocols/awareness'
import type { Tally } from '../core/compaction.ts'
import { Compactor } from '../io/compactor.ts'
import type { Platform } from '../io/platform.ts'
import { type Following, type FollowOptions, followShape } from '../io/shape-reader.ts'
import { checkedPersistence } from '../persistence/checked-store.ts'
import { segmentPath, statePath, updatesPath } from '../protocol/paths.ts'
import { tabSharing } from '../tabs/channel.ts'
import type { TabUser } from '../tabs/messages.ts'
import { Tabs, type TabsOptions } from '../tabs/tabs.ts'
import { Local, type LocalOptions } from './local.ts'
import type { SessionOptions } from './options.ts'
import { Presence, userOf } from './presence.ts'
import { Reader } from './reader.ts'
import type { ReaderOptions } from './reader-options.ts'
import { Writer, type WriterOptions } from './writer.ts'

/** Follows shapes with streams of its own, or through the tab that leads. */
export const followThrough =
  (tabs: Tabs | null, { ShapeStream }: Platform) =>
  (options: FollowOptions): Following => {
    const following = { ...options, ShapeStream }
    return tabs === null ? followShape(following) : tabs.follow(following)
  }

export function createWriter(
  options: SessionOptions,
  hooks: Pick<
    WriterOptions,
    'onEdit' | 'onSplit' | 'onReplaced' | 'onSending' | 'onAcked' | 'onChange'
  >,
): Writer {
  const { api, docId, doc, urlWarnings, onError } = options
  return new Writer({
    ...options,
    ...hooks,
    // Asked at each post: an app may set `doc.gc` after it made the provider.
    url: () => api.at(updatesPath(docId, !doc.gc)),
    onAcked: (...acked) => {
      urlWarnings.worked('write')
      hooks.onAcked(...acked)
    },
    onError: (error) => {
      urlWarnings.failed('write', error)
      onError(error)
    },
  })
}

export function createReader(
  options: SessionOptions,
  hooks: Pick<
    ReaderOptions,
    'follow' | 'onJoining' | 'onState' | 'onRow' | 'onPlace' | 'onCaughtUp' | 'onChange'
  >,
): Reader {
  const { api, docId, urlWarnings, onError } = options
  const reader: Reader = new Reader({
    ...options,
    ...hooks,
    onCaughtUp: () => {
      const { connection } = reader
      if (connection.phase === 'following' && connection.live) urlWarnings.worked('read')
      hooks.onCaughtUp()
    },
    onError: (error) => {
      urlWarnings.failed('read', error)
      onError(error)
    },
    stateUrl: api.at(statePath(docId)),
    segmentUrl: (segment) => api.at(segmentPath(docId, segment)),
  })
  return reader
}

/** Null: this page stands alone. */
export function createTabs(
  options: SessionOptions,
  hooks: Omit<TabsOptions, 'name' | 'clock' | 'sharing' | 'page' | 'user'>,
): Tabs | null {
  const { tabs, api, docId, clock, platform, awareness } = options
  const sharing = tabs ? tabSharing(platform) : null
  if (sharing === null) return null
  return new Tabs({
    ...hooks,
    name: `${api.href}/${docId}`,
    clock,
    sharing,
    page: platform.page,
    user: () => userOf(awareness),
  })
}

/** Null: the document is kept in memory only. */
export function createLocal(
  options: SessionOptions,
  hooks: Pick<LocalOptions, 'encodeDoc' | 'onChange'>,
): Local | null {
  const { persistence, api, docId } = options
  if (persistence === null) return null
  return new Local({
    ...options,
    persistence: checkedPersistence(persistence, options.clock.uuid),
    key: `${api.href}/${docId}`,
    ...hooks,
  })
}

interface CompactorHooks {
  readonly tally: () => Tally
  readonly onFolded: (snapshotBytes: number) => void
  /** Readers do not stand. */
  readonly mayWrite: () => boolean
}

/** Null: this client never compacts. */
export function createCompactor(options: SessionOptions, hooks: CompactorHooks): Compactor | null {
  const { compaction, doc, awareness, onCompaction } = options
  if (compaction === null) return null
  return new Compactor({
    ...options,
    ...hooks,
    clientId: doc.clientID,
    policy: compaction,
    gc: () => doc.gc,
    peers: () => knownPeers(awareness),
    onReport: onCompaction,
  })
}

/** Without presence nobody knows who else stands. */
const knownPeers = (awareness: Awareness | null): readonly number[] | null =>
  awareness === null ? null : [...awareness.getStates().keys()]

interface PresenceHooks {
  readonly follow: (options: FollowOptions) => Following
  /** This client's own state has changed. */
  readonly onChanged: (user: TabUser) => void
}

/** Null: nobody is told that this client is here, and nobody is seen. */
export function createPresence(options: SessionOptions, hooks: PresenceHooks): Presence | null {
  const { awareness } = options
  if (awareness === null) return null
  return new Presence({
    ...options,
    awareness,
    ...hooks,
  })
}
