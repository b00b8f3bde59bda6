/**
 * The parts of a session, created from its options. Each part runs its effects, and uses `dispatch`
 * for its events.
 */
import type { Tally } from '../core/compaction.ts'
import type { Dispatch } from '../core/ledger/events.ts'
import type { Persistence } from '../persistence/device-store.ts'
import { joinPath, segmentPath, updatesPath } from '../protocol/paths.ts'
import type { State } from '../protocol/state-frames.ts'
import { writerHeaders } from '../protocol/writer.ts'
import { tabSharing } from '../tabs/sharing.ts'
import type { Tabs } from '../tabs/tabs.ts'
import { CompactionWatch } from './compaction-watch.ts'
import { broughtBy } from './device/brought.ts'
import type { DeviceCode } from './device/device.ts'
import type { DevicePart } from './device/device-part.ts'
import type { Follow } from './follow-through.ts'
import { type Device, LateDevice } from './late-device.ts'
import {
  compactionModule,
  deviceModule,
  presenceModule,
  sharingModule,
  twinsModule,
} from './lazy-modules.ts'
import { LazyPart } from './lazy-part.ts'
import type { SessionOptions } from './options.ts'
import type { OwnAwareness } from './own-awareness.ts'
import type { Presence } from './presence/presence.ts'
import { Reader } from './reader/reader.ts'
import { Writer } from './writer/writer.ts'

export function createWriter(options: SessionOptions, dispatch: Dispatch): Writer {
  const { api, docId, doc, userName, awareness } = options
  // Evaluated at each post: an app may set `doc.gc` after it created the provider.
  const url = () => api.at(updatesPath(docId, !doc.gc))
  const name = () => userName ?? nameIn(awareness?.made?.getLocalState())
  const writer = () => (userName === null ? {} : writerHeaders(doc.clientID, name()))
  return new Writer({ ...options, url, writer, dispatch })
}

/** The name in a state of awareness, where editors keep it. The app sets the state, which can be any value. */
function nameIn(
  state: { readonly user?: { readonly name?: unknown } | null } | null | undefined,
): unknown {
  try {
    return state?.user?.name
  } catch {
    return null
  }
}

/**
 * @param canCompare false if the code that compares the document with this state is not loaded
 * @param isBlank true while the document holds nothing
 */
export function createReader(
  options: SessionOptions,
  follow: Follow,
  canCompare: (state: State) => boolean,
  isBlank: () => boolean,
  dispatch: Dispatch,
): Reader {
  const { api, docId, persistence } = options
  return new Reader({
    ...options,
    follow,
    backlogFirst: () => (persistence && deviceCodeOf(persistence)?.backlogFirst) ?? null,
    // A failure fails the join, which is tried again.
    whenComparable: (state) => (canCompare(state) ? null : twinsModule.load()),
    isBlank,
    dispatch,
    joinUrl: (isEmpty) => api.at(joinPath(docId, isEmpty)),
    segmentUrl: (segment) => api.at(segmentPath(docId, segment)),
  })
}

/** Null: this page works alone. */
export function createTabs(options: SessionOptions, dispatch: Dispatch): LazyPart<Tabs> | null {
  const { tabs, api, docId, clock, platform, awareness, modules } = options
  const sharing = tabs ? tabSharing(platform) : null
  if (sharing === null) return null
  const name = `${api.href}/${docId}`
  return new LazyPart((use) =>
    modules.whenLoaded(sharingModule, ({ Tabs, userOf }) => {
      const user = () => userOf(awareness?.made ?? null)
      use(new Tabs({ name, clock, sharing, page: platform.page, user, dispatch }))
    }),
  )
}

/** Null while it is loading. */
const deviceCodeOf = (persistence: Persistence): DeviceCode | null =>
  broughtBy(persistence) ?? deviceModule.loaded?.deviceCode ?? null

/** Null: the document is kept in memory only. */
export function createDevice(
  options: SessionOptions,
  encodeDoc: () => Uint8Array,
  dispatch: Dispatch,
): Device | null {
  const { persistence, api, docId, clock, modules } = options
  if (persistence === null) return null
  const deviceOptions = { clock, persistence, key: `${api.href}/${docId}`, encodeDoc, dispatch }
  const code = deviceCodeOf(persistence)
  if (code !== null) return code.createDevice(deviceOptions)
  const part = new LazyPart<DevicePart>((use) =>
    modules.whenLoaded(deviceModule, (module) =>
      use(module.deviceCode.createDevice(deviceOptions)),
    ),
  )
  return new LateDevice({ part, clock, dispatch })
}

interface CompactorHooks {
  readonly tally: () => Tally
  readonly onFolded: (snapshotBytes: number) => void
  /** Read-only clients never run for election. */
  readonly mayWrite: () => boolean
}

/** Null: this client never compacts. */
export function createCompaction(
  options: SessionOptions,
  hooks: CompactorHooks,
): CompactionWatch | null {
  const { compaction, clock, doc, awareness, modules, onCompaction } = options
  if (compaction === null) return null
  return new CompactionWatch({
    ...hooks,
    clock,
    policy: compaction,
    load: (use) =>
      modules.whenLoaded(compactionModule, ({ Compactor }) => {
        use(
          new Compactor({
            ...options,
            ...hooks,
            clientId: doc.clientID,
            policy: compaction,
            gc: () => doc.gc,
            peers: () => knownPeers(awareness),
            onReport: onCompaction,
          }),
        )
      }),
  })
}

/** The clients that presence knows of; null without presence. */
function knownPeers(awareness: OwnAwareness | null): readonly number[] | null {
  const states = awareness?.made?.getStates()
  return states === undefined ? null : [...states.keys()]
}

/** Null: this client neither shares presence nor sees it. */
export function createPresence(
  options: SessionOptions,
  follow: Follow,
  dispatch: Dispatch,
): LazyPart<Presence> | null {
  const { awareness, modules } = options
  if (awareness === null) return null
  const isLate = awareness.made === null
  return new LazyPart((use) =>
    awareness.whenMade((made) =>
      modules.whenLoaded(presenceModule, ({ Presence }) => {
        const presence = new Presence({ ...options, awareness: made, follow, dispatch })
        use(presence)
        // Other tabs heard of this one when it opened, which was before it had a user.
        if (isLate) presence.introduce()
      }),
    ),
  )
}
