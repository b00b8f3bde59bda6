// Pages that are rendered on a server, with the server builds of the frameworks: nothing is opened there.
import { createComponent } from 'solid-js'
import { renderToString as renderSolid } from 'solid-js/web'
import { type Component, onMount } from 'svelte'
import { render as renderSvelte } from 'svelte/server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSSRApp, h } from 'vue'
import { renderToString as renderVue } from 'vue/server-renderer'
import * as solid from 'y-electric/solid'
import * as svelte from 'y-electric/svelte'
import * as vue from 'y-electric/vue'

/** A server renders pages for an address that only browsers can resolve. */
const SETTINGS = { url: '/api' }
const EXPECTED = 'connecting, 0 others, 0 versions'

let timers: number
let fetched: string[]
beforeEach(() => {
  vi.useFakeTimers()
  timers = vi.getTimerCount()
  fetched = []
  vi.stubGlobal('fetch', async (input: unknown) => {
    fetched.push(String(input))
    throw new TypeError('a page that is rendered sends nothing')
  })
})
afterEach(() => {
  // Solid ends its own work in the next task.
  vi.advanceTimersByTime(1)
  expect(vi.getTimerCount()).toBe(timers)
  expect(fetched).toEqual([])
  expect(vue.openDocuments()).toEqual([])
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('Vue renders the state before a document is opened', async () => {
  const app = createSSRApp({
    setup() {
      const document = vue.useDocument('notes', SETTINGS)
      const status = vue.useStatus(document)
      const { others } = vue.usePresence(document)
      const { state } = vue.useVersions(document)
      return () =>
        h(
          'p',
          `${status.value.status}, ${others.value.length} others, ${state.value.versions.length} versions`,
        )
    },
  })
  expect(await renderVue(app)).toBe(`<p>${EXPECTED}</p>`)
})

test('Solid renders the state before a document is opened', () => {
  const Page = () => {
    const document = solid.useDocument('notes')
    const status = solid.useStatus(document)
    const { presence } = solid.usePresence(document)
    const { state } = solid.useVersions(document)
    return `${status().status}, ${presence().others.length} others, ${state().versions.length} versions`
  }
  const tree = () =>
    createComponent(solid.DocumentProvider, {
      ...SETTINGS,
      get children() {
        return createComponent(Page, {})
      },
    })
  expect(renderSolid(tree)).toBe(EXPECTED)
})

test('Svelte renders the state before a document is opened', () => {
  let mounted = 0
  // The form that Svelte's compiler gives a component on a server.
  const Page = ((payload: { push(html: string): void }) => {
    svelte.setDocuments(SETTINGS)
    const document = svelte.useDocument('notes')
    const status = svelte.useStatus(document)
    const presence = svelte.usePresence(document)
    const versions = svelte.useVersions(document)
    onMount(() => {
      mounted += 1
    })
    payload.push(
      `${status.current.status}, ${presence.current.others.length} others, ${versions.current.versions.length} versions`,
    )
  }) as unknown as Component
  expect(renderSvelte(Page).body).toContain(EXPECTED)
  expect(mounted).toBe(0)
})
