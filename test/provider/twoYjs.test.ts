// A page that loads two copies of Yjs: without an error, the document would silently stay empty.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ElectricProvider } from 'y-electric'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId } from '../e2e/server.ts'
import { connected, useProviderSetup } from './setup.ts'

const setup = useProviderSetup()
const logged = vi.fn()
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(logged)
})
afterEach(() => {
  vi.restoreAllMocks()
  logged.mockReset()
})

/** A second copy of Yjs, as from a bundler that resolves it twice. */
async function otherYjs(): Promise<typeof Y> {
  const url = pathToFileURL(createRequire(import.meta.url).resolve('yjs'))
  const loaded = await import(/* @vite-ignore */ `${url.href.replace(/\.cjs$/, '.mjs')}?copy`)
  return loaded.default ?? loaded
}

test('a Y.Doc of another copy of Yjs is refused with an error event and a message on the console', async () => {
  const docId = freshDocId()
  const ada = await connected(setup.open({ docId }))
  ada.type('already here')
  await ada.provider.whenSaved()

  const other = await otherYjs()
  expect(other.Doc).not.toBe(Y.Doc)
  // Yjs itself also warns about this.
  logged.mockReset()
  const doc = new other.Doc()
  const bob = setup.open({ docId, doc })
  await eventually(() => expect(bob.errors).toHaveLength(1))
  const [error] = bob.errors
  expect(error?.code).toBe('yjs_duplicated')
  expect(error?.message).toContain('dedupe')
  expect(bob.provider.error).toBe(error)
  expect(logged.mock.calls).toEqual([[expect.stringContaining('dedupe')]])
  await expect(bob.provider.whenSynced()).rejects.toBe(error)
  await expect(bob.provider.whenSaved()).rejects.toBe(error)

  doc.getText('body').insert(0, 'typed in vain')
  bob.provider.connect()
  bob.provider.reconnect()
  const { status, synced, saved } = bob.provider
  expect({ status, synced, saved }).toEqual({ status: 'refused', synced: false, saved: false })
  expect(bob.statuses).toEqual(['refused'])
  expect(bob.gate.calls).toEqual([])
  expect(bob.errors).toHaveLength(1)
  await bob.provider.destroy()
})

test.each([undefined, null, {}, 'doc'])(
  'a value that is not a Y.Doc is refused at once: %j',
  (doc) => {
    const options = { url: setup.server.url, docId: freshDocId(), doc: doc as unknown as Y.Doc }
    expect(() => new ElectricProvider(options)).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    )
  },
)
