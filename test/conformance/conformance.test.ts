// Replays every recorded response of a real Electric against the embedded shape service, on both
// databases.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { replay, type Subject } from '../../tools/conformance/replay.ts'
import { openEmbeddedSubject } from '../../tools/conformance/subjects.ts'
import {
  readTranscripts,
  recordedTranscripts,
  type Transcript,
} from '../../tools/conformance/transcript.ts'
import { backends } from '../harness/database.ts'
import { noteFigure } from '../harness/figures.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'

const transcripts = await readTranscripts(recordedTranscripts)

describe.each(backends)('on %s', (backend) => {
  const shared = useTestDatabase(backend)
  let subject: Subject
  beforeAll(async () => {
    const opened = await openEmbeddedSubject(shared.database)
    subject = opened
    return () => opened.close()
  })

  let passed = 0
  afterAll(() =>
    noteFigure('transcripts passed', `${passed} of ${transcripts.size} on ${shared.database.kind}`),
  )
  // In parallel, because many of them wait for the end of a long poll or of a stream.
  test.concurrent.for([...transcripts])(
    'the service answers as recorded in %s',
    async ([, transcript]) => {
      expect(await replay(transcript, subject, { strict: true })).toEqual([])
      passed++
    },
  )

  test('the replayer reports differences', async () => {
    const transcript = transcripts.get('compaction-transaction.json')
    if (transcript === undefined) throw new Error('no such transcript')
    const changed = (from: string, to: string): Transcript =>
      JSON.parse(JSON.stringify(transcript).replaceAll(from, to))
    const differences = await Promise.all(
      [
        changed('"op_position":2', '"op_position":1'),
        changed('"last":true,', ''),
        changed('0_inf', '0_0'),
        changed('max-age=604800', 'max-age=604801'),
        changed('"status":200', '"status":202'),
        changed('"operation":"delete","lsn":"<lsn-1>"', '"operation":"delete","lsn":"<lsn-2>"'),
        changed('"author":"compactor"', '"author":null'),
      ].map((wrong) => replay(wrong, subject, { strict: true })),
    )
    for (const found of differences) expect(found).not.toEqual([])
  })
})
