// Records a session in the real editor as an editing history, for `npm run replay`.
//
//   npm run build && npx tsx -C y-electric-source tools/recorder/record-history.ts --out FILE [--seed N]
//
// starts a server, opens its editor in Chromium and lets a scripted person write there.
//
// To record all edits of a document of a running server until Ctrl-C:
//
//   npx tsx -C y-electric-source tools/recorder/record-history.ts --out FILE --url URL --doc ID
//
// In both cases a provider that follows the document receives the edits.
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { ElectricProvider } from 'y-electric'
import * as Y from 'yjs'
import { launchBrowser } from '../../test/harness/browser.ts'
import { parseHistory } from '../../test/harness/history.ts'
import { seededRandom } from '../../test/harness/random.ts'
import { editorFolder, startServerProcess } from '../../test/harness/serverProcess.ts'
import { UsageError } from '../replay/arguments.ts'
import { findMountPoint } from '../replay/mountPoint.ts'
import { Person } from './person.ts'
import { plainTextOf, type RecordedHistory, recordText } from './recorder.ts'
import { writeGardenPlan } from './scene.ts'

/** The name that TipTap's Collaboration uses for the content by default. */
const FRAGMENT = 'default'

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      seed: { type: 'string', default: '1' },
      url: { type: 'string' },
      doc: { type: 'string' },
    },
  })
  const { out, seed, url, doc } = values
  if (out === undefined) throw new UsageError('--out FILE is missing: it names the file to write')
  if ((url === undefined) !== (doc === undefined))
    throw new UsageError('--url and --doc go together')
  const history =
    url !== undefined && doc !== undefined
      ? await record(await findMountPoint(url), doc, untilInterrupted)
      : await recordScene(Number(seed))
  // Only a recording that can be parsed is written.
  const { transactions } = parseHistory(history, out)
  const json = JSON.stringify(history)
  await writeFile(path.resolve(out), out.endsWith('.gz') ? gzipSync(json, { level: 9 }) : json)
  console.log(`${transactions.length} edits, ${history.endContent.length} characters at the end`)
  console.log(history.endContent)
}

async function recordScene(seed: number): Promise<RecordedHistory> {
  const server = await startServerProcess({ scriptArguments: ['--editor', editorFolder] })
  const browser = await launchBrowser()
  try {
    const docId = `recording-${Date.now()}`
    return await record(`${server.url}/api`, docId, async () => {
      const page = await browser.newPage()
      await page.goto(`${server.url}/d/${docId}`)
      await page.locator('[data-loaded=true]').waitFor()
      await page.getByRole('textbox', { name: 'Document text' }).click()
      await writeGardenPlan(new Person(page, seededRandom(seed)))
      await page.waitForTimeout(1_000)
    })
  } finally {
    await browser.close()
    await server.stop()
  }
}

async function record(
  mountPoint: string,
  docId: string,
  session: () => Promise<void>,
): Promise<RecordedHistory> {
  const doc = new Y.Doc()
  const provider = new ElectricProvider({ url: mountPoint, docId, doc })
  try {
    await provider.whenSynced()
    const fragment = doc.getXmlFragment(FRAGMENT)
    const recording = recordText(doc, () => plainTextOf(fragment))
    await session()
    return recording.stop()
  } finally {
    await provider.destroy()
  }
}

function untilInterrupted(): Promise<void> {
  console.log('Recording; Ctrl-C ends it.')
  return new Promise((resolve) => process.once('SIGINT', () => resolve()))
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof UsageError ? `record-history: ${error.message}` : error)
    process.exit(error instanceof UsageError ? 2 : 1)
  },
)
