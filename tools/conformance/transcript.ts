// The content of a transcript file. See test/data/electric-transcripts/README.md.
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json }

export interface TranscriptRequest {
  readonly method?: string
  readonly path?: string
  readonly query: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Json
  readonly sse?: { readonly ms: number; readonly sql: readonly (readonly string[])[] }
}

export interface TranscriptResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, Json>>
  readonly body?: Json
  readonly events?: readonly Json[]
}

export interface TranscriptStep {
  readonly sql?: readonly string[]
  readonly request?: TranscriptRequest
  /** SQL run while the request waits. */
  readonly during?: readonly string[]
  readonly response?: TranscriptResponse
  /** Name of a variable -> the response header that it is taken from. */
  readonly capture?: Readonly<Record<string, string>>
}

export interface Transcript {
  readonly name: string
  readonly about?: string
  readonly recorded_from?: string
  readonly steps: readonly TranscriptStep[]
}

export const recordedTranscripts = path.resolve(
  import.meta.dirname,
  '../../test/data/electric-transcripts',
)

/** All transcripts of a folder, by file name. */
export async function readTranscripts(folder: string): Promise<Map<string, Transcript>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort()
  const read = files.map(async (file): Promise<[string, Transcript]> => {
    const transcript: Transcript = JSON.parse(await readFile(path.join(folder, file), 'utf8'))
    if (!Array.isArray(transcript.steps)) throw new Error(`${file} is not a transcript: no steps`)
    return [file, transcript]
  })
  return new Map(await Promise.all(read))
}
