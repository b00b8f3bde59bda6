// The end of a run: all faults end, and then all clients must converge; the strict oracle checks this.
import * as Y from 'yjs'
import { expectConverged, rebuild } from '../../harness/oracle.ts'
import type { Tab } from '../tab.ts'
import type { World } from '../world.ts'
import { emptyDoc, holdsTheSame, isWaiting, missingIn, RuleBroken } from './content.ts'

/** A time that is long enough for a frozen leader among hidden tabs, and for every retry, in milliseconds. */
const HEALING_MS = 240_000
const LOOK_EVERY_MS = 500
/** A time that is long enough for a device to finish its commits, in milliseconds. */
const DEVICE_MS = 500

/** Ends all faults, and requires that everything converges after some time. */
export async function requireWhole(world: World): Promise<void> {
  world.trace.note('end', 'all faults end')
  world.network.heal()
  for (const server of world.servers) server.heal()
  while (world.servers.filter(({ isDead }) => !isDead).length < world.profile.servers) {
    world.startServer()
  }
  world.rights.giveAllBack()
  for (const [who, { browser, device, tabs }] of world.people.entries()) {
    device.heal()
    browser.setClockRunning(true)
    browser.setOnline(true)
    world.open(who, 0)
    for (const tab of tabs) {
      if (tab === null) continue
      tab.page.setFrozen(false)
      tab.page.setHidden(false)
      tab.heal()
      if (!tab.isConnected) world.connect(tab)
      // A provider that was refused waits until its app connects again.
      else if (world.rights.wereRestricted) world.reconnect(tab)
    }
  }
  await eventually(world, () => requireConverged(world))
  if (world.stored.isDeleted) return
  if (world.profile.isKept) await reloadForStore(world)
  await eventually(world, () => {
    requireConverged(world)
    requireSent(world)
  })
  if (world.profile.isKept) await requireKept(world)
}

/**
 * Reloads pages whose store failed, because they do not use it again, and pages beside which another one has left
 * content of another persistence. The next page that opens the store sends what earlier pages left there.
 */
async function reloadForStore(world: World): Promise<void> {
  for (const [who, { tabs, browser }] of world.people.entries()) {
    for (const [index, tab] of tabs.entries()) {
      if (tab === null || !(tab.hasLostStore || browser.hasUncompared)) continue
      await world.end(who, index, 'close')
      world.open(who, index)
    }
  }
}

/** Requires that every client learns that the document was deleted, and stops. */
function requireDeleted(world: World): void {
  for (const { page, provider } of world.tabs()) {
    const { status, error } = provider
    if (status === 'refused' && error?.code === 'deleted') continue
    const facts = JSON.stringify({ status, error: error?.message })
    throw new RuleBroken('DELETE', `${page.name} does not learn of the deletion: ${facts}`)
  }
}

/** The second documents, which pages with joint streams have opened. */
function requireNeighbours(world: World): void {
  const open = world.tabs().flatMap(({ neighbour }) => neighbour ?? [])
  for (const { provider } of open) {
    if (provider.saved && provider.synced) continue
    const { status, synced, saved } = provider
    const facts = JSON.stringify({ status, synced, saved })
    throw new RuleBroken('READ-2', `the other document does not come back: ${facts}`)
  }
  if (open.length === 0) return
  try {
    expectConverged(
      open.map(({ doc }) => doc),
      world.neighbours.rows(),
    )
  } catch (error) {
    throw new RuleBroken('SYNC-2', `of the other document: ${(error as Error).message}`)
  }
}

function requireConverged(world: World): void {
  requireNeighbours(world)
  // The deletion may be the last event of the run.
  if (world.stored.isDeleted) {
    requireDeleted(world)
    return
  }
  const tabs = world.tabs()
  for (const { provider, page } of tabs) {
    if (provider.saved && provider.synced) continue
    const { status, synced, saved, error } = provider
    const facts = JSON.stringify({ status, synced, saved, error: error?.message })
    throw new RuleBroken('READ-2', `${page.name} does not reconnect: ${facts}`)
  }
  // The oracle is slow, so it does not check the same documents and rows twice.
  const versions = [
    world.database.log.length,
    ...tabs.map(({ page, version }) => `${page.name}/${version}`),
  ].join()
  if (world.convergedAt !== versions) requireSame(world, tabs)
  world.convergedAt = versions
  requireOneLeader(world)
  requirePresence(world, tabs)
  for (const { page, hasHiddenDamage } of tabs) {
    if (hasHiddenDamage) throw new RuleBroken('DEV-1', `${page.name} does not report damaged data`)
  }
}

function requireSame(world: World, tabs: readonly Tab[]): void {
  const docs = tabs.map(({ doc }) => doc)
  const rows = world.stored.rows()
  const rebuilt = rebuild(rows)
  try {
    // An edit may be lost if its tab ends before the edit is stored or sent, although a later edit that
    // builds on it was sent. No client has the lost edit, so the later one waits in all clients.
    if (!isWaiting(rebuilt)) expectConverged(docs, rows)
    else if (docs.some((doc) => !holdsTheSame(doc, rebuilt))) {
      throw new RuleBroken('SYNC-2', 'a document differs from the stored rows')
    }
  } catch (error) {
    if (error instanceof RuleBroken) throw error
    throw new RuleBroken('SYNC-2', (error as Error).message)
  } finally {
    rebuilt.destroy()
  }
}

/** Checks DEV-1: content that was reported as stored is sent even if its tab has ended. */
function requireSent(world: World): void {
  for (const { browser } of world.people) {
    const kept = world.claims.keptBy(browser)
    if (kept === null) continue
    // Content of another persistence is stored once, and not twice as unsent edits are.
    if (browser.wasStoreDamaged && browser.hasUncompared) continue
    const missing = missingIn(world.stored.everything, kept)
    if (missing !== null) {
      throw new RuleBroken('DEV-1', `browser ${browser.options.name} never sent ${missing}`)
    }
  }
}

function requireOneLeader(world: World): void {
  if (!world.profile.hasLocks) return
  for (const person of world.people) {
    const leaders = world.leaders(person)
    if (leaders.length === 1) continue
    const names = leaders.map(({ page }) => page.name).join(', ')
    throw new RuleBroken('TABS', `the tabs with their own streams: ${names || 'none'}`)
  }
}

function requirePresence(world: World, tabs: readonly Tab[]): void {
  if (!world.profile.hasPresence) return
  const present = tabs.map(({ awareness }) => awareness?.clientID ?? 0).sort((a, b) => a - b)
  for (const { page, awareness } of tabs) {
    const seen = [...(awareness?.getStates().keys() ?? [])].sort((a, b) => a - b)
    if (String(seen) === String(present)) continue
    throw new RuleBroken('PRESENCE', `${page.name} sees ${seen}, but ${present} are present`)
  }
}

/** Checks DEV-1: a new tab shows everything before the network answers. */
async function requireKept(world: World): Promise<void> {
  await world.pass(DEVICE_MS)
  const [person] = world.people
  if (person === undefined || !world.tabs().every(({ provider }) => provider.stored)) return
  const shown = emptyDoc()
  for (const tab of person.tabs) if (tab) Y.applyUpdate(shown, Y.encodeStateAsUpdate(tab.doc))
  for (const index of person.tabs.keys()) await world.end(0, index, 'crash')
  person.browser.setOnline(false)
  const tab = world.open(0, 0)
  await world.pass(200)
  const missing = missingIn(tab.doc, shown)
  if (missing !== null) throw new RuleBroken('DEV-1', `a tab that reloads lacks ${missing}`)
  person.browser.setOnline(true)
  await eventually(world, () => requireConverged(world))
}

async function eventually(world: World, check: () => void): Promise<void> {
  const until = world.timeline.now() + HEALING_MS
  for (;;) {
    world.check()
    try {
      return check()
    } catch (error) {
      if (world.timeline.now() > until) throw error
    }
    await world.pass(LOOK_EVERY_MS)
  }
}
