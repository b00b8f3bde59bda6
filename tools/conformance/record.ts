// Writes transcripts: runs the steps of existing or new transcripts against a real Electric, and records its
// responses.
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Names } from './names.ts'
import { run, type Subject } from './replay.ts'
import type { Json, Transcript, TranscriptResponse, TranscriptStep } from './transcript.ts'

/** The headers of the protocol; all others belong to the web server. */
const RECORDED = [
  /^electric-(?!server)/,
  /^access-control-allow-(origin|methods)$/,
  /^access-control-expose-headers$/,
  /^(cache-control|content-type|etag|vary)$/,
]

/** The same scenario with the responses received now. */
export async function record(
  transcript: Transcript,
  subject: Subject,
  recordedFrom: string,
): Promise<Transcript> {
  const names = new Names()
  const steps: TranscriptStep[] = []
  for await (const { step, response } of run(transcript, subject)) {
    const { response: _before, ...asked } = step
    if (response === undefined) steps.push(asked)
    else steps.push({ ...asked, response: names.inResponse(withRecordedHeaders(response)) })
  }
  const { name, about } = transcript
  return { name, ...(about !== undefined && { about }), recorded_from: recordedFrom, steps }
}

function withRecordedHeaders(response: TranscriptResponse): TranscriptResponse {
  const headers: Record<string, Json> = {}
  for (const [name, value] of Object.entries(response.headers)) {
    if (RECORDED.some((pattern) => pattern.test(name))) headers[name] = value
  }
  return { ...response, headers }
}

export async function writeTranscript(
  folder: string,
  file: string,
  transcript: Transcript,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, file), `${JSON.stringify(transcript, null, 1)}\n`)
}
