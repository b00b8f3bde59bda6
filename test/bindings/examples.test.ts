// The examples of the guides for Vue, Svelte and Solid, unchanged, on a real server.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { addElement, goTo } from './dom.ts'
import { type Example, FRAMEWORKS, loadExample } from './examples.ts'

const backend = useBackend()
let server: TestServer
beforeAll(async () => {
  server = await serveApp({ backend: backend.current })
  goTo(server.url)
  return () => server.close()
})

// A build takes more than a second of processor time.
describe.runIf(isDeep).each(FRAMEWORKS)('in %s', (framework) => {
  let example: Example
  let remove: () => Promise<void>
  beforeAll(async () => {
    const loaded = await loadExample(framework)
    example = loaded.example
    remove = loaded.folder.remove
  })
  afterAll(() => remove())

  test('the example saves what is typed, shows what others do, shares one document, and closes it', async () => {
    const docId = freshDocId()
    const bob = openClient({ url: server.url, docId })
    bob.provider.awareness.setLocalStateField('name', 'Bob')
    const tasks = bob.doc.getArray<string>('tasks')
    await bob.provider.whenSynced()
    tasks.push(['from Bob'])
    await bob.provider.whenSaved()

    const [first, second] = [addElement(), addElement()]
    const unmount = [example.mount(first, docId), example.mount(second, docId)]
    const listed = (element: HTMLElement) =>
      [...element.querySelectorAll('li')].map(({ textContent }) => textContent)
    await eventually(() => expect(listed(first)).toEqual(['from Bob']))
    await eventually(() => expect(first.querySelector('p')?.textContent).toBe('Saved Bob'))

    const input = first.querySelector('input') as HTMLInputElement
    input.value = 'from here'
    input.dispatchEvent(new window.Event('input', { bubbles: true }))
    first
      .querySelector('form')
      ?.dispatchEvent(new window.Event('submit', { bubbles: true, cancelable: true }))
    await eventually(() => expect(tasks.toArray()).toEqual(['from Bob', 'from here']))
    await eventually(() => expect(listed(second)).toEqual(['from Bob', 'from here']))
    await eventually(() => expect(first.querySelector('p')?.textContent).toBe('Saved Bob'))
    const { awareness } = bob.provider
    await eventually(() =>
      expect([...awareness.getStates().values()].map(({ name }) => name).sort()).toEqual([
        'Bob',
        'Quiet Heron',
      ]),
    )

    unmount[0]?.()
    expect(example.openDocuments()).toEqual([docId])
    unmount[1]?.()
    await eventually(() => expect(example.openDocuments()).toEqual([]))
    await eventually(() => awareness.getStates().size === 1)
    await bob.close()
  })
})
