// The server refuses the content of a batch. The app repairs the document, and sends its current content
// instead.
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { answer, type GateCall, type Rule } from '../e2e/gate.ts'
import { freshDocId, readStored, readUpdateRows } from '../e2e/server.ts'
import { rebuild } from '../harness/oracle.ts'
import { createDevice } from '../persistence/device.ts'
import { connected, type GatedClient, useProviderSetup } from './setup.ts'

const setup = useProviderSetup()

const writes = (client: GatedClient): GateCall[] =>
  client.gate.calls.filter(({ route }) => route === 'updates')
const serverText = async ({ provider }: GatedClient): Promise<string> =>
  rebuild(await readStored(setup.server.pool, provider.docId))
    .getText('body')
    .toString()
const settle = () => new Promise((resolve) => setTimeout(resolve, 30))

describe('resend()', () => {
  const LIMIT = 2_000
  const tooLarge: Rule = async (call, pass) =>
    (call.bytes ?? 0) > LIMIT ? answer(413, 'update_too_large')(call, pass) : pass()

  /** A client that has pasted content that is too large for the server. */
  async function pasted(options: Parameters<typeof setup.open>[0] = {}): Promise<GatedClient> {
    const ada = await connected(setup.open(options))
    ada.gate.use('updates', tooLarge)
    ada.doc.getMap('map').set('picture', 'x'.repeat(3 * LIMIT))
    await eventually(() => ada.provider.status === 'refused')
    ada.type('typed after it')
    return ada
  }

  test('the rest arrives after the content that was too large has been deleted', async () => {
    const ada = await pasted()
    ada.doc.getMap('map').delete('picture')
    ada.provider.resend()
    await ada.provider.whenSaved()
    await connected(ada)
    expect(await serverText(ada)).toBe('typed after it')
    expect(ada.provider.refusedBatch).toBeNull()
    ada.type(', and on')
    const bob = await connected(setup.open({ docId: ada.provider.docId }))
    await setup.converged(ada, bob)
    expect(bob.text.toString()).toBe('typed after it, and on')
  })

  test('the rest arrives after an undo, although the undo stack still holds the content that was too large', async () => {
    const docId = freshDocId()
    const ada = await connected(setup.open({ docId }))
    const map = ada.doc.getMap('map')
    const undo = new Y.UndoManager(map)
    ada.gate.use('updates', tooLarge)
    map.set('picture', 'x'.repeat(3 * LIMIT))
    await eventually(() => ada.provider.status === 'refused')
    undo.undo()
    ada.provider.resend()
    await ada.provider.whenSaved()
    const rows = await readUpdateRows(setup.server.pool, docId)
    for (const { data } of rows) expect(data.byteLength).toBeLessThan(LIMIT)
    undo.destroy()
  })

  test('content that is still too large is refused again and kept', async () => {
    const ada = await pasted()
    const first = ada.provider.refusedBatch?.batchId
    ada.provider.resend()
    await eventually(() => (ada.provider.refusedBatch?.batchId ?? first) !== first)
    expect(ada.provider.error?.code).toBe('update_too_large')
    const copy = new Y.Doc()
    const update = ada.provider.unsavedUpdate()
    if (update !== null) Y.applyUpdate(copy, update)
    expect(copy.getMap('map').get('picture')).toHaveLength(3 * LIMIT)
    expect(copy.getText('body').toString()).toBe('typed after it')
    expect(ada.provider.unsavedSince).not.toBeNull()
  })

  test('all clients agree, even if others write and edits are made meanwhile', async () => {
    const ada = await pasted()
    const bob = await connected(setup.open({ docId: ada.provider.docId }))
    bob.type('Bob. ')
    ada.doc.getMap('map').delete('picture')
    const held = ada.gate.hold('state')
    ada.provider.resend()
    await held.arrived
    bob.type('Bob again. ')
    ada.type('Meanwhile. ')
    held.release()
    await ada.provider.whenSaved()
    await setup.converged(ada, bob)
    expect(ada.text.toString()).toContain('Meanwhile. ')
    expect(ada.text.toString()).toContain('Bob again. ')
  })

  test('formatting that Yjs tidies up while state is applied is sent too', async () => {
    const ada = await pasted()
    const bob = await connected(setup.open({ docId: ada.provider.docId }))
    bob.type('both make this bold')
    await eventually(() => ada.text.toString().includes('both make this bold'))
    ada.doc.getMap('map').delete('picture')
    ada.text.format(ada.text.toString().indexOf('both'), 4, { bold: true })
    const held = ada.gate.hold('state')
    ada.provider.resend()
    await held.arrived
    bob.text.format(bob.text.toString().indexOf('both'), 4, { bold: true })
    await bob.provider.whenSaved()
    // A connected Bob would tidy up as well, and send that.
    bob.provider.disconnect()
    held.release()
    await ada.provider.whenSaved()
    await connected(ada)
    await setup.converged(ada)
  })

  test('takes effect in the device store, which drops the refused batches and keeps their replacement', async () => {
    const docId = freshDocId()
    const device = createDevice()
    const page = device.page()
    const ada = await pasted({ docId, persistence: page.persistence })
    ada.doc.getMap('map').delete('picture')
    const since = ada.provider.unsavedSince
    const held = ada.gate.hold('updates')
    ada.provider.resend()
    await held.arrived
    expect(ada.provider.unsavedSince).toBe(since)
    await eventually(() => ada.provider.stored)
    await page.crash()
    await ada.close()
    const again = setup.open({ docId, persistence: device.page().persistence })
    again.gate.use('updates', tooLarge)
    await connected(again)
    await again.provider.whenSaved()
    expect(await serverText(again)).toBe('typed after it')
    expect(writes(again)).toHaveLength(1)
  })

  test('does nothing if nothing is refused', async () => {
    const ada = await connected(setup.open())
    ada.provider.resend()
    await settle()
    expect(ada.gate.count('state')).toBe(1)
    expect(ada.provider.status).toBe('connected')
  })
})
