import { afterEach, describe, expect, test, vi } from 'vitest'
import { systemPlatform } from '../io/platform.ts'
import { becomeOwner, liveOwners } from './owner.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

/** The part of Web Locks that owners need: exclusive, and asynchronous. */
function fakeLocks() {
  const held = new Map<string, Promise<unknown>>()
  return {
    held,
    async request(name: string, work: () => Promise<unknown>) {
      await Promise.resolve()
      while (held.has(name)) await held.get(name)
      const done = work().finally(() => held.delete(name))
      held.set(name, done)
      return done
    },
    query: async () => ({ held: [...held.keys()].map((name) => ({ name })) }),
  }
}

describe('with Web Locks', () => {
  test('an owner is alive from when its lock is granted until it releases it', async () => {
    const locks = fakeLocks()
    vi.stubGlobal('navigator', { locks })
    const [ada, bob] = await Promise.all([
      becomeOwner('ada', systemPlatform.locks()),
      becomeOwner('bob', systemPlatform.locks()),
    ])
    expect(await liveOwners(systemPlatform.locks())).toEqual(new Set(['ada', 'bob']))
    ada.release()
    await expect.poll(() => liveOwners(systemPlatform.locks())).toEqual(new Set(['bob']))
    bob.release()
    await expect.poll(() => locks.held.size).toBe(0)
  })

  test('locks with other names belong to no owner', async () => {
    const locks = fakeLocks()
    vi.stubGlobal('navigator', { locks })
    void locks.request('y-electric:tab:1', () => new Promise(() => {}))
    void locks.request('app', () => new Promise(() => {}))
    await Promise.resolve()
    expect(await liveOwners(systemPlatform.locks())).toEqual(new Set())
  })

  test('a refused lock rejects, and nobody waits for it', async () => {
    const request = () => Promise.reject(new DOMException('sandboxed', 'SecurityError'))
    vi.stubGlobal('navigator', { locks: { request } })
    await expect(becomeOwner('ada', systemPlatform.locks())).rejects.toThrow('sandboxed')
  })
})

describe('without Web Locks', () => {
  test.each([undefined, {}, { locks: undefined }])(
    'it is unknown who is alive: %j',
    async (navigator) => {
      vi.stubGlobal('navigator', navigator)
      const owner = await becomeOwner('ada', systemPlatform.locks())
      expect(owner.id).toBe('ada')
      expect(await liveOwners(systemPlatform.locks())).toBeNull()
      owner.release()
    },
  )
})
