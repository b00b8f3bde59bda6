// A device store is copied with its browser profile, or restored from a backup, while the page that wrote
// it is still open. Then two pages have the same unsent edits.
import { expect, test } from 'vitest'
import { type DeviceStoreChange, memory, type Persistence } from 'y-electric'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, readStored } from '../e2e/server.ts'
import { rebuild } from '../harness/oracle.ts'
import { connected, useProviderSetup } from '../provider/setup.ts'

const setup = useProviderSetup()

/** A store whose content can be copied at any moment. */
function copyable() {
  const device = memory()
  const changes: DeviceStoreChange[] = []
  let key = ''
  const persistence: Persistence = {
    async open(name, onLost) {
      key = name
      const inner = await device.open(name, onLost)
      return {
        load: () => inner.load(),
        takeOver: () => inner.takeOver(),
        close: () => inner.close(),
        async commit(change) {
          changes.push(change)
          await inner.commit(change)
        },
      }
    },
  }
  return {
    persistence,
    async copy(): Promise<Persistence> {
      const other = memory()
      const store = await other.open(key, () => {})
      await store.load()
      for (const change of changes) await store.commit(change)
      await store.close()
      return other
    },
  }
}

const textOnServer = async (docId: string) =>
  rebuild(await readStored(setup.server.pool, docId))
    .getText('body')
    .toString()

test.each(['the copy', 'the original'])('nothing is lost if %s sends first', async (first) => {
  const docId = freshDocId()
  const device = copyable()
  const ada = setup.open({ docId, persistence: device.persistence, connect: false })
  await eventually(() => ada.provider.stored)
  ada.type('one ')
  await eventually(() => ada.provider.stored)
  const persistence = await device.copy()
  ada.type('two ')
  const bob = setup.open({ docId, persistence, connect: false })
  await eventually(() => bob.text.toString() === 'one ')
  bob.text.insert(0, 'zero ')
  for (const client of first === 'the copy' ? [bob, ada] : [ada, bob]) {
    client.provider.connect()
    await connected(client)
    await eventually(() => client.provider.saved)
  }
  await eventually(async () => expect(await textOnServer(docId)).toBe('zero one two '))
  await setup.converged(ada, bob)
  expect([...ada.errors, ...bob.errors]).toEqual([])
})
