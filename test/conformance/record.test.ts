// Recording is the reverse of replaying. A recording of the embedded service equals the recorded files
// of a real Electric.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { record, writeTranscript } from '../../tools/conformance/record.ts'
import { replay } from '../../tools/conformance/replay.ts'
import { openEmbeddedSubject } from '../../tools/conformance/subjects.ts'
import {
  readTranscripts,
  recordedTranscripts,
  type Transcript,
} from '../../tools/conformance/transcript.ts'
import { isDeep } from '../harness/deep.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'

const shared = useTestDatabase('postgres')
const FEW = ['changes-only-and-subset.json', 'live-sse.json', 'methods.json', 'wrong-handle.json']

/**
 * Replaces values that may differ: the number at the end of the etag of a response without changes,
 * and transactions of other test files in the same cluster that run while a snapshot is taken.
 */
const comparable = ({ steps }: Transcript): unknown =>
  JSON.parse(
    JSON.stringify(steps)
      .replaceAll(/:-?\d{9,}\\""/g, String.raw`:nonce\""`)
      .replaceAll(/"xip_list":\[[^\]]*\]/g, '"xip_list":[]'),
  )

const withoutResponses = (transcript: Transcript): Transcript => ({
  ...transcript,
  steps: transcript.steps.map(({ response: _, ...step }) => step),
})

test('a recording of the embedded service equals that of Electric, and replays', {
  timeout: 240_000,
}, async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-record-'))
  const subject = await openEmbeddedSubject(shared.database)
  const originals = await readTranscripts(recordedTranscripts)
  for (const [file, original] of originals) {
    if (!isDeep && !FEW.includes(file)) continue
    const recorded = await record(withoutResponses(original), subject, 'the embedded service')
    expect(comparable(recorded), file).toEqual(comparable(original))
    await writeTranscript(folder, file, recorded)
  }
  const written = await readTranscripts(folder)
  expect(written.size).toBe(isDeep ? originals.size : FEW.length)
  for (const [file, transcript] of written) {
    if (!isDeep && file === 'live-sse.json') continue
    expect(await replay(transcript, subject, { strict: true }), file).toEqual([])
  }
  await subject.close()
  await rm(folder, { recursive: true })
})
