// `y-electric/react` in React, on a real server. Pages exist in this process only (happy-dom).

import {
  Activity,
  Component,
  createElement as h,
  type ReactNode,
  StrictMode,
  Suspense,
  useEffect,
  useState,
} from 'react'
import { createRoot, hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ElectricProvider } from 'y-electric'
import {
  type DocumentHandle,
  DocumentProvider,
  openDocuments,
  type UseVersions,
  useDocument,
  usePresence,
  useStatus,
  useVersions,
} from 'y-electric/react'
import { openClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { createGate, type Gate } from '../e2e/gate.ts'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { addElement } from './dom.ts'

const backend = useBackend()
let server: TestServer
let gate: Gate
let docId: string
let element: HTMLElement
let root: Root
/** Every provider that a component was rendered with. */
let providers: Set<ElectricProvider>
let canRead: boolean

beforeEach(async () => {
  canRead = true
  gate = createGate()
  docId = freshDocId()
  providers = new Set()
  element = addElement()
  root = createRoot(element)
  server = await serveApp({
    backend: backend.current,
    authorize: () => (canRead ? 'allow' : 'forbidden'),
    onError: () => {},
  })
})
afterEach(async () => {
  root.unmount()
  await eventually(() => expect(openDocuments()).toEqual([]))
  await server.close()
})

const shows = (text: string) => eventually(() => expect(element.textContent).toBe(text))

/** Providers close quickly here. */
const settings = () => ({ url: server.url, fetch: gate.fetch, user: 'ada', closeAfterMs: 20 })

function Text({ document }: { document: DocumentHandle }) {
  const [text, setText] = useState('')
  useEffect(() => {
    const body = document.doc.getText('body')
    const look = () => setText(body.toString())
    body.observe(look)
    look()
    return () => body.unobserve(look)
  }, [document])
  return h('p', null, text)
}

function Page({ id, suspense = false }: { id?: string; suspense?: boolean }) {
  const document = useDocument(id, { suspense })
  providers.add(document.provider)
  const { synced } = useStatus(document)
  return h('main', null, synced ? 'synced ' : 'opening ', h(Text, { document }))
}

const withSettings = (...children: ReactNode[]) => h(DocumentProvider, settings(), ...children)

async function write(id: string, text: string): Promise<void> {
  const client = openClient({ url: server.url, docId: id })
  await client.provider.whenSynced()
  client.type(text)
  await client.provider.whenSaved()
  await client.close()
}

test('a component shows a document, follows it, and closes it when it is unmounted', async () => {
  await write(docId, 'a')
  root.render(withSettings(h(Page, { id: docId })))
  await shows('synced a')
  await write(docId, 'b')
  await shows('synced ab')
  expect(openDocuments()).toEqual([docId])
  root.render(null)
  await eventually(() => expect(openDocuments()).toEqual([]))
  const [provider] = providers
  expect(provider?.status).toBe('closed')
})

test('in StrictMode, and however often it is rendered, a component opens one provider', async () => {
  const tree = (extra: string) =>
    h(StrictMode, null, withSettings(h(Page, { id: docId }), h(Page, { id: docId }), extra))
  for (const extra of ['1', '2', '3']) {
    root.render(tree(extra))
    await shows(`synced synced ${extra}`)
  }
  expect(providers.size).toBe(1)
  expect(gate.calls.filter(({ route }) => route === 'state')).toHaveLength(1)
})

test('headers that change with each rendering open nothing anew, and the next request has them', async () => {
  let token = 1
  const tree = () =>
    h(
      DocumentProvider,
      { ...settings(), headers: () => ({ authorization: `Bearer ${token}` }) },
      h(Page, { id: docId }),
    )
  root.render(tree())
  await shows('synced ')
  token = 2
  root.render(tree())
  const [provider] = providers
  provider?.doc.getText('body').insert(0, 'x')
  await shows('synced x')
  await provider?.whenSaved()
  const sent = gate.calls.filter(({ route }) => route === 'updates')
  expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer 2'])
  expect(providers.size).toBe(1)
})

test('another user gets another provider for the same document', async () => {
  const as = (user: string) => h(DocumentProvider, { ...settings(), user }, h(Page, { id: docId }))
  root.render(h('div', null, as('ada'), as('bob'), as('ada')))
  await shows('synced synced synced ')
  expect(providers.size).toBe(2)
})

test('a change of the id shows the other document and closes the first, whose edits are saved before', async () => {
  const second = freshDocId()
  await write(second, 'second')
  root.render(withSettings(h(Page, { id: docId })))
  await shows('synced ')
  const held = gate.hold('updates')
  const [first] = providers
  first?.doc.getText('body').insert(0, 'not saved yet')
  await held.arrived
  const third = freshDocId()
  root.render(withSettings(h(Page, { id: second }), h(Page, { id: third })))
  await shows('synced secondsynced ')
  root.render(withSettings(h(Page, { id: second })))
  // A document that is left later, without unsaved edits, is closed; the first one is not.
  await eventually(() => expect(openDocuments()).toEqual([docId, second]))
  held.release()
  await eventually(() => expect(openDocuments()).toEqual([second]))
  root.render(withSettings(h(Page, { id: docId })))
  await shows('synced not saved yet')
})

test('a page that was hidden for longer than its document was open opens it again', async () => {
  await write(docId, 'a')
  const page = (mode: 'visible' | 'hidden') =>
    h(
      DocumentProvider,
      // React renders a hidden component, and does not mount it.
      { ...settings(), mountWithinMs: 2_000 },
      h(Activity, { mode, children: h(Page, { id: docId }) }),
    )
  root.render(page('visible'))
  await shows('synced a')
  root.render(page('hidden'))
  await eventually(() => expect(openDocuments()).toEqual([]))
  await write(docId, 'b')
  root.render(page('visible'))
  await shows('synced ab')
  expect(providers.size).toBe(2)
})

test('with Suspense, nothing of the page is shown before the document is', async () => {
  await write(docId, 'whole')
  const held = gate.hold('state')
  root.render(
    withSettings(h(Suspense, { fallback: 'waiting' }, h(Page, { id: docId, suspense: true }))),
  )
  await shows('waiting')
  await held.arrived
  expect(element.textContent).toBe('waiting')
  held.release()
  await shows('synced whole')
  expect(providers.size).toBe(1)
})

class Boundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }
  static getDerivedStateFromError = (error: Error) => ({ error })
  override render() {
    const { error } = this.state
    const reset = () => this.setState({ error: null })
    return error === null
      ? this.props.children
      : h('button', { type: 'button', onClick: reset }, error.message)
  }
}

test('a refusal is a value by default, and with Suspense goes to the error boundary, which can try again', async () => {
  canRead = false
  const Status = () => {
    const { status, error } = useStatus(useDocument(docId))
    return `${status} ${error?.code ?? ''}`
  }
  const quiet = console.error
  console.error = () => {}
  try {
    root.render(withSettings(h(Status)))
    await shows('refused forbidden')
    root.render(
      withSettings(h(Boundary, null, h(Suspense, null, h(Page, { id: docId, suspense: true })))),
    )
    await eventually(() => element.querySelector('button') !== null)
    canRead = true
    await eventually(() => {
      element.querySelector('button')?.click()
      expect(element.textContent).toBe('synced ')
    })
  } finally {
    console.error = quiet
  }
})

test('hooks without an id use the document of the provider, and show who is present', async () => {
  const People = ({ name }: { name: string }) => {
    const { others, update } = usePresence<{ user?: { name: string } }>()
    useEffect(() => update({ user: { name } }), [name, update])
    return others.map(({ state }) => state.user?.name ?? '?').join()
  }
  const page = (user: string) =>
    h(DocumentProvider, { ...settings(), user, docId }, h(People, { name: user }))
  root.render(h('div', null, page('Ada'), '|', page('Bob')))
  await shows('Bob|Ada')
})

test('versions are kept, listed, and restored', async () => {
  let actions: UseVersions | undefined
  const List = () => {
    const found = useVersions()
    actions = found
    const { versions, isLoading, error } = found
    return isLoading ? 'loading' : (error?.code ?? versions.map(({ label }) => label).join())
  }
  await write(docId, 'a')
  root.render(h(DocumentProvider, { ...settings(), docId }, h(List), h(Page)))
  await shows('synced a')
  await actions?.keep('draft')
  await shows('draftsynced a')
  await write(docId, 'b')
  await shows('draftsynced ab')
  const draft = actions?.versions.find(({ label }) => label === 'draft')
  await actions?.restore(draft?.seq ?? -1)
  await eventually(() => expect(element.textContent).toMatch(/draft.*synced a$/))
})

test('a page that was rendered on a server is hydrated without a difference, and nothing was opened there', async () => {
  await write(docId, 'a')
  const tree = withSettings(h(Page, { id: docId }))
  const { window: page } = globalThis
  Reflect.deleteProperty(globalThis, 'window')
  const html = renderToString(tree)
  globalThis.window = page
  expect(html).toBe('<main>opening <p></p></main>')
  expect(openDocuments()).toEqual([])
  expect(gate.calls).toEqual([])

  const errors: unknown[] = []
  const rendered = addElement()
  rendered.innerHTML = html
  const onRecoverableError = (error: unknown) => errors.push(error)
  const hydrated = hydrateRoot(rendered, tree, { onRecoverableError })
  await eventually(() => expect(rendered.textContent).toBe('synced a'))
  expect(errors).toEqual([])
  hydrated.unmount()
})

test('a hook without a provider, and one without an id, say what to do', async () => {
  const messages: string[] = []
  const onUncaughtError = (error: unknown) => messages.push((error as Error).message)
  for (const tree of [h(Page, { id: docId }), withSettings(h(Page))]) {
    const failing = createRoot(addElement(), { onUncaughtError })
    failing.render(tree)
  }
  await eventually(() => messages.length === 2)
  expect(messages).toEqual([
    'there is no <DocumentProvider> above this component: put one around the app',
    'which document? Pass its id to `useDocument`, or give the <DocumentProvider> a `docId`',
  ])
})
