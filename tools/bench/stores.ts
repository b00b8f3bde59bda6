// Measures the stores of the provider in a real Chromium: the start of a page, a document of many rows, edits, and how much
// the page downloads.
import path from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchBrowser } from '../../test/harness/browser.ts'
import { type PgliteSite, servePgliteSite } from '../../test/harness/pgliteSite.ts'
import { median, p95, round } from './statistics.ts'
import type { StorePage } from './stores/page.ts'
import type { Report, Row } from './table.ts'

declare const page: StorePage

/** The stores by name, with the folder of the database. */
const STORES = {
  'indexeddb()': null,
  'pglite() on idb://': 'idb://notes',
  'pglite() on opfs-ahp://': 'opfs-ahp://notes',
} as const

export interface StoresOptions {
  readonly rounds: number
  /** The rows of the document. */
  readonly rows: number
  /** How many edits are stored in each round. */
  readonly edits: number
}

export const DEFAULT_STORES: Omit<StoresOptions, 'rounds'> = { rows: 1_000, edits: 50 }

interface Measured {
  readonly firstStart: number
  readonly start: number
  readonly load: number
  readonly edits: readonly number[]
  readonly bytes: number
}

export async function benchStores(options: StoresOptions): Promise<Report> {
  const site = await servePgliteSite(path.join(import.meta.dirname, 'stores/page.ts'))
  const browser = await launchBrowser()
  try {
    const measured = new Map<string, Measured[]>()
    for (let i = 0; i < options.rounds; i++) {
      for (const [name, folder] of Object.entries(STORES)) {
        const earlier = measured.get(name) ?? []
        measured.set(name, [...earlier, await measure(browser, site, folder, options)])
      }
    }
    return {
      title: `stores: a document of ${options.rows} rows on the device, in Chromium`,
      rows: [...measured].map(([name, rounds]) => rowOf(name, rounds)),
      notes: [
        `Medians of ${options.rounds} rounds, each in a new profile of the browser. No server is asked.`,
        '“first start” is from the load of a page until a store is ready that had no files; “start” is the same after a reload.',
        '“load” is from the provider of a document until its whole content is there, while the store runs.',
        `“edit” is from an edit until it is stored, of ${options.edits} edits in each round.`,
        '“download” is everything that the first visit loads, compressed by gzip: page, provider, Yjs and store.',
      ],
    }
  } finally {
    await browser.close()
    site.close()
  }
}

async function measure(
  browser: Browser,
  site: PgliteSite,
  folder: string | null,
  { rows, edits }: StoresOptions,
): Promise<Measured> {
  const profile = await browser.newContext()
  try {
    site.takeBytes()
    const first = await openTab(profile, site, folder)
    const firstStart = await first.evaluate(() => page.started)
    const bytes = site.takeBytes()
    await first.evaluate((count) => page.fill('letter', count), rows)
    await first.close()
    const second = await openTab(profile, site, folder)
    return {
      firstStart,
      bytes,
      start: await second.evaluate(() => page.started),
      load: await second.evaluate((count) => page.load('letter', count), rows),
      edits: await second.evaluate((count) => page.edit('notes', count), edits),
    }
  } finally {
    await profile.close()
  }
}

async function openTab(
  profile: BrowserContext,
  { url }: PgliteSite,
  folder: string | null,
): Promise<Page> {
  const tab = await profile.newPage()
  await tab.goto(folder === null ? url : `${url}?dataDir=${encodeURIComponent(folder)}`)
  await tab.waitForFunction(() => typeof page === 'object')
  return tab
}

function rowOf(store: string, rounds: readonly Measured[]): Row {
  const medianOf = (of: (one: Measured) => number): number => median(rounds.map(of))
  const edits = rounds.flatMap((one) => one.edits)
  return {
    store,
    'first start ms': round(
      medianOf((one) => one.firstStart),
      0,
    ),
    'start ms': round(
      medianOf((one) => one.start),
      0,
    ),
    'load ms': round(
      medianOf((one) => one.load),
      1,
    ),
    'edit ms, median': round(median(edits), 1),
    'edit ms, 95 %': round(p95(edits), 1),
    'download KB': round(medianOf((one) => one.bytes) / 1_000, 0),
  }
}
