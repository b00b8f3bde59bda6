import { describe, expect, test } from 'vitest'
import { isDeep } from '../../../../test/harness/deep.ts'
import { type Counts, Crowd, type CrowdOptions } from './testing/compactors.ts'

const SEED = 1

/** Enough rows for a roll in each of many intervals. */
async function busyIntervals(options: CrowdOptions, intervals: number) {
  const crowd = new Crowd(options)
  const counted: Counts[] = []
  await crowd.interval()
  for (let i = 0; i < intervals; i++) {
    crowd.write(300)
    counted.push(await crowd.interval())
  }
  // The last sealed segment is folded one grace period later.
  await crowd.interval()
  return { crowd, counted }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** `[clients, intervals]`; runs with a thousand clients are slow. */
const SIZES: readonly (readonly [number, number])[] = isDeep
  ? [
      [1, 1_000],
      [2, 1_000],
      [10, 1_000],
      [100, 1_000],
      [1_000, 100],
    ]
  : [
      [1, 100],
      [2, 100],
      [10, 60],
      [100, 10],
    ]

describe.each([
  ['known', undefined],
  ['unknown', () => null],
] as const)('in each busy interval a client compacts, with peers %s', (name, peersOf) => {
  test.each(SIZES)('of %i clients', async (count, intervals) => {
    const { crowd, counted } = await busyIntervals(
      { count, seed: SEED, ...(peersOf === undefined ? {} : { peersOf }) },
      intervals,
    )
    const done = crowd.winners.length / intervals
    const all = counted.map(({ rolls, states, folds, lists }) => rolls + states + folds + lists)
    const wasted = counted.map(({ conflicts }) => conflicts)
    const states = counted.map((one) => one.states)
    console.log(
      `${count} clients, peers ${name}, ${intervals} intervals: compacted in ` +
        `${(100 * done).toFixed(1)} %; requests mean ${mean(all).toFixed(2)}, worst ${Math.max(...all)}; ` +
        `state reads mean ${mean(states).toFixed(2)}, worst ${Math.max(...states)}; ` +
        `conflicts mean ${mean(wasted).toFixed(2)}, worst ${Math.max(...wasted)}`,
    )
    expect(done).toBe(1)
    expect(crowd.sealedWaiting).toBe(0)
    // One roll, one read of state, one fold: other clients neither read the document nor post
    // anything.
    expect(mean(states)).toBeLessThan(1.5)
  })
})

describe('with disturbances', () => {
  test('the next client in rank replaces a winner that is asleep', async () => {
    const crowd = new Crowd({
      count: 5,
      seed: SEED,
      peersOf: (_self, all) => all.map(({ id }) => id),
    })
    await crowd.interval()
    for (let i = 0; i < 40; i++) {
      crowd.write(300)
      // Three of five clients are gone, but all still count them.
      for (const client of crowd.clients.slice(2)) crowd.kill(client)
      await crowd.interval()
      expect(crowd.winners).toHaveLength(i + 1)
    }
    expect(new Set(crowd.winners).size).toBe(2)
  })

  test('a segment whose roller died is folded in a later interval', async () => {
    const crowd = new Crowd({ count: 4, seed: SEED })
    await crowd.interval()
    crowd.write(300)
    await crowd.clock.moveTo(crowd.clock.now + 1_000)
    const winner = crowd.clients.find(({ id }) => id === crowd.winners[0])
    if (winner === undefined) throw new Error('nobody rolled')
    crowd.kill(winner)
    await crowd.interval()
    expect(crowd.sealedWaiting).toBe(1)
    await crowd.interval()
    expect(crowd.sealedWaiting).toBe(0)
  })

  test('if half of the clients see only some peers, two may begin but only one folds', async () => {
    const { crowd, counted } = await busyIntervals(
      {
        count: 10,
        seed: SEED,
        peersOf: (self, all) =>
          all.filter(({ id }, i) => self % 2 === 0 || i < 3 || id === self).map(({ id }) => id),
      },
      50,
    )
    expect(crowd.winners).toHaveLength(50)
    expect(crowd.sealedWaiting).toBe(0)
    expect(mean(counted.map(({ rolls }) => rolls))).toBeLessThan(3)
  })

  test('if clocks differ by a minute, everything is done by one client in each interval', async () => {
    const { crowd, counted } = await busyIntervals(
      { count: 10, seed: SEED, offsetOf: (index) => (index % 3) * 61_000 },
      50,
    )
    expect(crowd.winners.length).toBeGreaterThanOrEqual(50)
    expect(crowd.sealedWaiting).toBe(0)
    expect(mean(counted.map(({ rolls }) => rolls))).toBeLessThan(3)
  })

  const refusing = (status: number, code = 'x') =>
    new Crowd({
      count: 1,
      seed: SEED,
      answer: (request) =>
        request === 'roll' ? Response.json({ error: { code, message: '' } }, { status }) : null,
    })

  test('a conflict does not count as a failure, so the client tries again in the next interval', async () => {
    const crowd = refusing(409)
    await crowd.interval()
    crowd.write(300)
    for (let i = 0; i < 5; i++) expect((await crowd.interval()).rolls).toBe(1)
  })

  test.each([
    [403, 'x'],
    [404, 'not_found'],
    [405, 'method_not_allowed'],
    [410, 'deleted'],
  ])('%i %s ends folding', async (status, code) => {
    const crowd = refusing(status, code)
    await crowd.interval()
    crowd.write(300)
    expect((await crowd.interval()).rolls).toBe(1)
    for (let i = 0; i < 50; i++) expect((await crowd.interval()).rolls).toBe(0)
    crowd.clients[0]?.compactor.start()
    expect(crowd.clock.pending).toBe(0)
  })

  test('a client whose credentials may have changed runs for election again', async () => {
    const crowd = refusing(403)
    const [client] = crowd.clients
    await crowd.interval()
    crowd.write(300)
    await crowd.interval()
    client?.compactor.forgetRefusal()
    client?.compactor.start()
    // The refusal was a failure too, so one interval is skipped.
    expect((await crowd.interval()).rolls).toBe(0)
    expect((await crowd.interval()).rolls).toBe(1)
  })

  test('a read-only client runs for election only after it may write', async () => {
    const crowd = new Crowd({ count: 1, seed: SEED })
    const [client] = crowd.clients
    if (client === undefined) throw new Error('one client')
    client.mayWrite = false
    await crowd.interval()
    crowd.write(300)
    for (let i = 0; i < 5; i++) expect((await crowd.interval()).rolls).toBe(0)
    client.mayWrite = true
    expect((await crowd.interval()).rolls).toBe(1)
    client.compactor.stop()
  })

  test.each([500, 422, 413, 503, 401, 404, 405, 410])(
    'after %i the client waits, longer each time',
    async (status) => {
      const crowd = refusing(status)
      await crowd.interval()
      crowd.write(300)
      const tries: number[] = []
      for (let i = 0; i < 40; i++) if ((await crowd.interval()).rolls > 0) tries.push(i)
      expect(tries).toEqual([0, 2, 5, 10, 19, 36])
    },
  )

  test('a client that was stopped mid-way and restarted runs once per interval, not twice', async () => {
    const crowd = new Crowd({ count: 1, seed: SEED })
    const [client] = crowd.clients
    if (client === undefined) throw new Error('one client')
    await crowd.interval()
    for (let i = 0; i < 5; i++) {
      crowd.write(300)
      await crowd.clock.moveTo(crowd.clock.now + 1_000)
      // The client has rolled and waits for the grace period.
      client.compactor.stop()
      client.compactor.start()
      await crowd.interval()
      expect(crowd.clock.pending).toBe(1)
    }
    client.compactor.stop()
    expect(crowd.clock.pending).toBe(0)
  })
})
