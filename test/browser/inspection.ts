// A document that is open in the inspector and in the editor, and the back-end operations of the
// tests.
import { randomUUID } from 'node:crypto'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { beforeEach, expect, inject } from 'vitest'
import {
  decodeState,
  encodeFoldProposal,
  FOLD_MEDIA_TYPE,
  foldsPath,
  foldToSnapshot,
  IDEMPOTENCY_KEY_HEADER,
  type State,
  segmentsPath,
  statePath,
  UPDATE_MEDIA_TYPE,
  updatesPath,
  WRITER_CLIENT_HEADER,
  WRITER_NAME_HEADER,
} from 'y-electric/protocol'
import * as Y from 'yjs'
import { freshDocId } from '../e2e/server.ts'
import { takeScreenshot } from '../harness/browser.ts'
import { eventually } from './eventually.ts'
import { useProfiles } from './profiles.ts'
import { type as typeAtEnd } from './visitors.ts'

export const patience = 20_000

/** Provides a document for each test, on the server of the run. */
export function useInspection() {
  const profiles = useProfiles()
  const editorUrl = inject('editorUrl')
  let docId = ''
  /** Errors that pages wrote to their consoles. */
  let consoleErrors: string[] = []
  beforeEach(() => {
    docId = freshDocId('inside')
    consoleErrors = []
  })

  async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const viewport = { width: 1180, height: 900 }
    // The animation of arriving rows draws every frame for seconds; only a test of it needs that.
    const reducedMotion = 'reduce'
    const context = await profiles.take('Ada', { viewport, reducedMotion, ...options })
    const page = await profiles.openPage(context, (opened) => {
      opened.on('console', (message) => {
        if (message.type() === 'error') consoleErrors.push(message.text())
      })
      opened.on('pageerror', (error) => consoleErrors.push(String(error)))
    })
    await page.goto(`${editorUrl}${path}`)
    return page
  }

  async function openInspector(options?: BrowserContextOptions, search = ''): Promise<Page> {
    const page = await open(`/inspect/${encodeURIComponent(docId)}${search}`, options)
    await contact(page, 'Live')
    await page.locator('.inspector[aria-busy=false]').waitFor()
    return page
  }

  async function openEditor(options?: BrowserContextOptions): Promise<Page> {
    const page = await open(`/d/${docId}`, options)
    await saved(page)
    return page
  }

  const api = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`${editorUrl}/api${path}`, init)

  async function readState(): Promise<State> {
    return decodeState(new Uint8Array(await (await api(statePath(docId))).arrayBuffer()))
  }

  /** Writes paragraphs, each as one row of one client. @param name of the writer, who is unknown without it */
  async function writeRows(count: number, words = 'Row', name?: string): Promise<void> {
    const doc = new Y.Doc()
    const { rows, snapshot } = await readState()
    if (snapshot?.data) Y.applyUpdateV2(doc, snapshot.data)
    for (const { data } of rows) Y.applyUpdate(doc, data)
    const updates: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => updates.push(update))
    const fragment = doc.getXmlFragment('default')
    for (let index = 0; index < count; index++) {
      const paragraph = new Y.XmlElement('paragraph')
      paragraph.insert(0, [new Y.XmlText(`${words} ${index}.`)])
      fragment.push([paragraph])
    }
    for (const update of updates) {
      const headers = {
        'content-type': UPDATE_MEDIA_TYPE,
        [IDEMPOTENCY_KEY_HEADER]: randomUUID(),
        ...(name !== undefined && {
          [WRITER_CLIENT_HEADER]: String(doc.clientID),
          [WRITER_NAME_HEADER]: encodeURIComponent(name),
        }),
      }
      const body = new Uint8Array(update)
      expect((await api(updatesPath(docId), { method: 'POST', headers, body })).status).toBe(201)
    }
  }

  async function roll(): Promise<void> {
    const { activeSegment: active } = await readState()
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ active })
    expect((await api(segmentsPath(docId), { method: 'POST', headers, body })).status).toBe(201)
  }

  async function fold(): Promise<void> {
    const { activeSegment, snapshot, rows } = await readState()
    const throughSegment = activeSegment - 1
    const sealed = rows.filter(({ segment }) => segment <= throughSegment)
    const data = foldToSnapshot({ previous: snapshot?.data ?? null, rows: sealed }, true)
    const body = new Uint8Array(encodeFoldProposal({ throughSegment, data }))
    const headers = { 'content-type': FOLD_MEDIA_TYPE }
    expect((await api(foldsPath(docId), { method: 'POST', headers, body })).status).toBe(201)
  }

  /** Waits until the page draws what is stored. */
  async function drawsWhatIsStored(page: Page): Promise<void> {
    await eventually(async () => {
      const { activeSegment, snapshot, rows } = await readState()
      const first = (snapshot?.throughSegment ?? -1) + 1
      const segments = Array.from({ length: activeSegment - first + 1 }, (_, index) => {
        const number = first + index
        const seqs = rows.filter(({ segment }) => segment === number).map(({ seq }) => seq)
        return [`${number} ${number === activeSegment ? 'active' : 'sealed'}:`, ...seqs].join(' ')
      })
      const stored = [...(snapshot === null ? [] : ['snapshot row']), ...segments].join(' | ')
      expect(await drawn(page)).toBe(stored)
    }, patience)
  }

  return {
    get docId() {
      return docId
    },
    get consoleErrors() {
      return consoleErrors
    },
    editorUrl,
    open,
    openInspector,
    openEditor,
    api,
    writeRows,
    roll,
    fold,
    drawsWhatIsStored,
  }
}

export const saved = (page: Page) =>
  page.waitForSelector('[data-testid=badge][data-state=saved]', { timeout: patience })

export const contact = (page: Page, words: string) =>
  eventually(
    async () => expect(await page.textContent('[data-testid=contact]')).toBe(words),
    patience,
  )

/** Types at the end of the document, and waits until it is saved. */
export async function type(page: Page, text: string): Promise<void> {
  await typeAtEnd(page, text)
  await saved(page)
}

/** Reads the drawing as text: `snapshot row | 0 sealed: 1 2 3 | 1 active: 5`. */
async function drawn(page: Page): Promise<string> {
  // Reads everything in one call, because the drawing changes.
  const parts = await page.locator('.log-base, .log-segment').evaluateAll((all) =>
    all.map((each) => {
      const { segment, state } = each.dataset
      if (segment === undefined) return 'snapshot row'
      const ticks = [...each.querySelectorAll<HTMLElement>('.tick')]
      return [`${segment} ${state}:`, ...ticks.map(({ dataset }) => dataset.seq)].join(' ')
    }),
  )
  return parts.join(' | ')
}

export async function screenshotFromTop(page: Page, name: string): Promise<void> {
  await page.evaluate('window.scrollTo(0, 0)')
  await takeScreenshot(page, name)
}
