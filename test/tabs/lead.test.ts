// The lead among the tabs of a browser moves within a second, whatever requests are in flight. Time is
// simulated, so that the limit is exact.
import { expect, test } from 'vitest'
import { World } from './world.ts'

/** Opens three idle tabs. The first one leads. */
async function open(isKept: boolean): Promise<World> {
  const world = new World({ seed: 1, isKept })
  for (const index of [0, 1, 2]) {
    world.open(index).device?.run()
    await world.pass(500)
  }
  expect(world.leaders()).toEqual([0])
  return world
}

/** Waits until another tab reads for all. @returns the milliseconds that this took */
async function moveOfLead(world: World): Promise<number> {
  const began = world.timeline.now()
  while (!world.leaders().some((index) => index !== 0)) {
    if (world.timeline.now() - began > 10_000) throw new Error('no tab leads')
    await world.pass(10)
  }
  return world.timeline.now() - began
}

test.each([
  { how: 'close', isKept: false },
  { how: 'close', isKept: true },
  { how: 'crash', isKept: false },
  { how: 'crash', isKept: true },
] as const)(
  'edits survive a $how of the leader while posts are in flight (kept on the device: $isKept)',
  async ({ how, isKept }) => {
    // At these times the answer is lost, the request is in flight, or there is no request yet.
    for (const afterMs of [0, 1, 5, 10, 15, 20, 25, 30, 60]) {
      const world = await open(isKept)
      world.type(0, 'in flight')
      await world.pass(0)
      world.type(0, ', and gathered after it')
      await world.pass(afterMs)
      await world.end(0, how)
      expect(await moveOfLead(world)).toBeLessThanOrEqual(1_000)
      await world.expectWhole()
      await world.expectSaved('in flight, and gathered after it')
      await world.close()
    }
  },
)

test('edits of a leader that freezes at any moment between two heartbeats are saved after it thaws', async () => {
  for (let offsetMs = 0; offsetMs < 300; offsetMs += 30) {
    const world = await open(false)
    await world.pass(offsetMs)
    world.type(0, 'in flight')
    await world.pass(3)
    world.setFrozen(0, true)
    expect(await moveOfLead(world)).toBeLessThanOrEqual(1_000)
    await world.pass(5_000)
    world.setFrozen(0, false)
    await world.pass(1_000)
    expect(world.leaders()).toHaveLength(1)
    await world.expectWhole()
    await world.expectSaved('in flight')
    await world.close()
  }
})

test('the other tabs get a row that the leader has read and not relayed', async () => {
  const world = await open(false)
  world.setHidden(1, true)
  await world.end(2, 'close')
  world.setFrozen(0, true)
  world.typeElsewhere('relayed by no tab')
  await world.pass(200)
  // The new tab reads for itself before another tab leads.
  world.open(2)
  expect(await moveOfLead(world)).toBeLessThanOrEqual(1_000)
  await world.pass(200)
  expect(world.text(2)).toBe('relayed by no tab')
  expect(world.text(1)).toBe('relayed by no tab')
  await world.close()
})

test('an edit that another tab has stored arrives, even if both tabs end before it is sent', async () => {
  const world = new World({ seed: 4, isKept: true })
  for (let round = 0; round < 3; round++) {
    for (const index of [0, 1]) await world.store(index, 10)
    await world.pass(500)
  }
  world.browser.setOnline(false)
  world.type(0, 'relayed')
  await world.pass(50)
  // The tab that made the edit ends before it stores it.
  await world.store(1, 10)
  expect(world.open(1).client.provider.stored).toBe(true)
  await world.end(0, 'crash')
  await world.end(1, 'crash')
  world.browser.setOnline(true)
  world.open(2).device?.run()
  await world.expectSaved('relayed')
  await world.close()
})

test('in a browser without Web Locks each tab works alone, and all converge', async () => {
  const world = new World({ seed: 2, isKept: false, hasLocks: false })
  for (const index of [0, 1, 2]) world.type(index, `${index}`)
  await world.pass(2_000)
  expect(world.leaders()).toEqual([0, 1, 2])
  expect([...world.text(0)].sort().join('')).toBe('012')
  expect([world.text(1), world.text(2)]).toEqual([world.text(0), world.text(0)])
  await world.close()
})

test('another page sends the stored edits of a closed page, even if tabs do not share streams', async () => {
  const world = new World({ seed: 3, isKept: true, areShared: false })
  world.open(0).device?.run()
  world.open(1).device?.run()
  await world.pass(1_000)
  world.browser.setOnline(false)
  world.type(0, 'stored and unsent')
  await world.pass(100)
  await world.end(0, 'crash')
  world.browser.setOnline(true)
  await world.pass(31_000)
  expect(world.text(1)).toBe('stored and unsent')
  await world.expectSaved('stored and unsent')
  await world.close()
})

test("a tab whose edit does not come back over the leader's stream reads for itself", async () => {
  const world = await open(false)
  const [, follower] = world.tabs
  world.server.isSilent = true
  world.typeElsewhere('relayed by no tab')
  await world.pass(1_000)
  expect(world.text(1)).toBe('')
  world.type(1, 'mine')
  await world.pass(4_000)
  expect(follower?.client.statuses).toEqual(['connecting', 'connected'])
  await world.pass(2_000)
  expect(world.text(1)).toContain('relayed by no tab')
  expect(follower?.client.statuses).toEqual(['connecting', 'connected', 'connecting', 'connected'])
  expect(world.leaders()).toEqual([0])
  world.server.isSilent = false
  await world.expectWhole()
  const both = world.text(1)
  expect(both).toContain('mine')
  await world.expectSaved(both)
  await world.close()
})
