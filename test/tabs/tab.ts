// A tab of a simulated browser, with a provider.
import * as Y from 'yjs'
import { openClient, type TestClient } from '../e2e/client.ts'
import type { Page as DevicePage } from '../persistence/device.ts'
import type { SimulatedPage } from './browser.ts'
import { platformOf } from './platform.ts'

export interface Tab {
  readonly page: SimulatedPage
  /** The device store; null for none. */
  readonly device: DevicePage | null
  readonly client: TestClient
  isConnected: boolean
}

export interface TabOptions {
  readonly device: DevicePage | null
  readonly random: () => number
  /** Whether the tab shares streams with the other tabs of its browser. */
  readonly isShared: boolean
}

export function openTab(page: SimulatedPage, { device, random, isShared }: TabOptions): Tab {
  const doc = new Y.Doc({ guid: 'tab' })
  doc.clientID = Math.floor(random() * 2 ** 32)
  const client = page.run(() =>
    openClient({
      platform: platformOf(page),
      doc,
      url: 'http://simulation.test/api',
      docId: 'simulated',
      live: 'long-poll',
      retry: { baseMs: 100, maxMs: 2_000 },
      compaction: false,
      tabs: isShared,
      ...(device === null ? {} : { persistence: device.persistence }),
    }),
  )
  return { page, device, client, isConnected: true }
}
