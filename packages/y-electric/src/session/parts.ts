/**
 * The parts of a session, created from its options. Each part runs its effects, and uses `dispatch`
 * for its events.
 */
import type { Awareness } from 'y-protocols/awareness'
import type { Tally } from '../core/compaction.ts'
import type { Dispatch } from '../core/ledger/events.ts'
import { Compactor } from '../io/compactor.ts'
import type { Platform } from '../io/platform.ts'
import { type Following, type FollowOptions, followShape } from '../io/shape-reader.ts'
import { checkedPersistence } from '../persistence/checked-store.ts'
import { segmentPath, statePath, updatesPath } from '../protocol/paths.ts'
import { tabSharing } from '../tabs/channel.ts'
import { Tabs } from '../tabs/tabs.ts'
import { DeviceStore } from './device/device-store.ts'
import type { SessionOptions } from './options.ts'
import { Presence, userOf } from './presence/presence.ts'
import { Reader } from './reader/reader.ts'
import { Writer } from './writer/writer.ts'

type Follow = (options: FollowOptions) => Following

/** Follows shapes with streams of its own, or through the tab that leads. */
export const followThrough =
  (tabs: Tabs | null, { ShapeStream }: Platform): Follow =>
  (options) => {
    const following = { ...options, ShapeStream }
    return tabs === null ? followShape(following) : tabs.follow(following)
  }

export function createWriter(options: SessionOptions, dispatch: Dispatch): Writer {
  const { api, docId, doc } = options
  // Evaluated at each post: an app may set `doc.gc` after it created the provider.
  const url = () => api.at(updatesPath(docId, !doc.gc))
  return new Writer({ ...options, url, dispatch })
}

export function createReader(options: SessionOptions, follow: Follow, dispatch: Dispatch): Reader {
  const { api, docId } = options
  return new Reader({
    ...options,
    follow,
    dispatch,
    stateUrl: api.at(statePath(docId)),
    segmentUrl: (segment) => api.at(segmentPath(docId, segment)),
  })
}

/** Null: this page works alone. */
export function createTabs(options: SessionOptions, dispatch: Dispatch): Tabs | null {
  const { tabs, api, docId, clock, platform, awareness } = options
  const sharing = tabs ? tabSharing(platform) : null
  if (sharing === null) return null
  const name = `${api.href}/${docId}`
  const user = () => userOf(awareness)
  return new Tabs({ name, clock, sharing, page: platform.page, user, dispatch })
}

/** Null: the document is kept in memory only. */
export function createDeviceStore(
  options: SessionOptions,
  encodeDoc: () => Uint8Array,
  dispatch: Dispatch,
): DeviceStore | null {
  const { persistence, api, docId, clock } = options
  if (persistence === null) return null
  return new DeviceStore({
    clock,
    persistence: checkedPersistence(persistence, clock.uuid),
    key: `${api.href}/${docId}`,
    encodeDoc,
    dispatch,
  })
}

interface CompactorHooks {
  readonly tally: () => Tally
  readonly onFolded: (snapshotBytes: number) => void
  /** Read-only clients never run for election. */
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

/** The clients that presence knows of; null without presence. */
const knownPeers = (awareness: Awareness | null): readonly number[] | null =>
  awareness === null ? null : [...awareness.getStates().keys()]

/** Null: this client neither shares presence nor sees it. */
export function createPresence(
  options: SessionOptions,
  follow: Follow,
  dispatch: Dispatch,
): Presence | null {
  const { awareness } = options
  return awareness === null ? null : new Presence({ ...options, awareness, follow, dispatch })
}
