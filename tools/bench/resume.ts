// Measures the network traffic of a page that opens a document from its device store.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ElectricProvider, memory, type Persistence } from 'y-electric'
import * as Y from 'yjs'
import { createMeter, type Meter } from '../../test/persistence/meter.ts'
import { untilConnected } from '../replay/replayDocument.ts'
import { TEXT_NAME } from '../replay/script.ts'
import { median, round } from './statistics.ts'
import type { Report, Row } from './table.ts'
import { onEachTarget, type Target, withServer } from './targets.ts'

const paragraphs = 1_000
const missedEdits = 20
/** The wait for further requests after the stream is open, and for a page to read its own rows. */
const settleMs = 300

/** How many documents are visited. The first visits meet code that has not run yet, in the server and in the page. */
const documents = 5

export async function benchResume(): Promise<Report> {
  return {
    title: `resume: a reload of a document of ${paragraphs} paragraphs`,
    rows: (await onEachTarget(measureTarget)).flat(),
    notes: [
      'Bytes of URLs and bodies in both directions until connected; headers are not counted.',
      `“shown” is when the text appears, “synced” when it is complete. Missed: ${missedEdits} edits of another client.`,
      `“cold” is the first document of a server that has just started, “warm” the median of ${documents - 1} more.`,
    ],
  }
}

const names = ['first visit', 'reload, no news', 'reload, edits missed'] as const

function measureTarget(target: Target): Promise<Row[]> {
  return withServer(target, async ({ url }) => {
    const measured: (readonly Visit[])[] = []
    for (let i = 0; i < documents; i++) measured.push(await visits(`${url}/api`))
    return names.flatMap((name, i) => {
      const [cold, warm] = [measured.slice(0, 1), measured.slice(1)].map((some) =>
        some.flatMap((visits) => visits[i] ?? []),
      )
      return [
        rowOf(target, `${name}, cold`, cold ?? []),
        rowOf(target, `${name}, warm`, warm ?? []),
      ]
    })
  })
}

/** The visits of one document, in the order of {@link names}. */
async function visits(mountPoint: string): Promise<readonly Visit[]> {
  const docId = `resume-${randomUUID()}`
  const device = memory()
  const writer = await openPage(mountPoint, docId, null)
  for (let i = 0; i < paragraphs; i++) {
    writer.text.insert(writer.text.length, `Paragraph ${i}, of some sixty characters as usual.\n`)
  }
  await writer.provider.whenSaved()
  // The writer is in this process, and reads its own rows back: no visit shares the processor with that.
  await sleep(settleMs)
  const first = await visit(mountPoint, docId, device)
  const unchanged = await visit(mountPoint, docId, device)
  for (let i = 0; i < missedEdits; i++) {
    writer.text.insert(0, `${i} `)
    await writer.provider.whenSaved()
  }
  await sleep(settleMs)
  const missed = await visit(mountPoint, docId, device)
  await writer.close()
  return [first, unchanged, missed]
}

interface Visit {
  readonly meter: Meter
  readonly shownMs: number
  readonly syncedMs: number
}

async function visit(mountPoint: string, docId: string, device: Persistence): Promise<Visit> {
  const began = performance.now()
  const page = await openPage(mountPoint, docId, device)
  const syncedMs = performance.now() - began
  await sleep(settleMs)
  await page.close()
  return { meter: page.meter, shownMs: page.shownAt() - began, syncedMs }
}

async function openPage(mountPoint: string, docId: string, persistence: Persistence | null) {
  const doc = new Y.Doc()
  const text = doc.getText(TEXT_NAME)
  let shownAt = 0
  doc.once('update', () => {
    shownAt = performance.now()
  })
  const meter = createMeter()
  const provider = new ElectricProvider({
    url: mountPoint,
    docId,
    doc,
    fetch: meter.fetch,
    ...(persistence === null ? {} : { persistence }),
  })
  await untilConnected(provider)
  return {
    provider,
    text,
    meter,
    shownAt: () => shownAt,
    async close() {
      await provider.destroy()
      doc.destroy()
    },
  }
}

function rowOf(target: Target, what: string, visits: readonly Visit[]): Row {
  const middle = (of: (visit: Visit) => number): number => round(median(visits.map(of)), 1)
  return {
    backend: target.name,
    visit: what,
    requests: middle(({ meter }) => meter.requests().length),
    bytes: middle(({ meter }) => meter.bytes()),
    'shown ms': middle(({ shownMs }) => shownMs),
    'synced ms': middle(({ syncedMs }) => syncedMs),
    aim: what.startsWith('reload, no news') ? '1 request, ≤ 2,048 bytes' : '',
  }
}
