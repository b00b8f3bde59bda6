// npm run conformance -- [--dir DIR] [--backend pglite|postgres] [--electric-url URL --database-url URL] [--record DIR] [--settle MS]
import { parseArgs } from 'node:util'
import { connectPostgres, type Database, openPglite } from '@y-electric/embedded'
import { startPostgres } from '../../test/harness/postgres.ts'
import { record, writeTranscript } from './record.ts'
import { type ReplayOptions, replay, SETTLE_MS, type Subject } from './replay.ts'
import { openEmbeddedSubject, remoteSubject } from './subjects.ts'
import { readTranscripts, recordedTranscripts, type Transcript } from './transcript.ts'

const USAGE = `Replays recorded responses of a real Electric and prints for each file whether they match.

  npm run conformance -- [--dir DIR] [--backend pglite|postgres] [--database-url URL]
                         [--electric-url URL --database-url URL [--secret SECRET]] [--record DIR]

  --dir           folder of transcripts (default: those recorded in this repository)
  --backend       the embedded shape service over PGlite (the default) or over a native Postgres,
                  at --database-url (default: a temporary Postgres)
  --electric-url  test a running Electric instead, over the database at --database-url
  --record DIR    record instead of comparing: run the scenarios of --dir (without responses) and
                  write them to DIR with the responses received
  --secret        the secret of that Electric
  --strict        also compare error texts
  --settle MS     wait MS after each change before the next request (${SETTLE_MS}): use more if
                  Electric runs on a busy machine, since its answers lack changes that it has
                  not read yet`

interface OpenSubject {
  readonly name: string
  readonly subject: Subject
  close(): Promise<void>
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      dir: { type: 'string', default: recordedTranscripts },
      backend: { type: 'string', default: 'pglite' },
      'electric-url': { type: 'string' },
      'database-url': { type: 'string' },
      secret: { type: 'string' },
      record: { type: 'string' },
      strict: { type: 'boolean', default: false },
      settle: { type: 'string', default: String(SETTLE_MS) },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const settleMs = Number(values.settle)
  if (!(settleMs >= 0))
    throw new Error(`--settle must be a number of milliseconds, not ${values.settle}`)
  const transcripts = await readTranscripts(values.dir)
  const opened = await openSubject(values)
  try {
    return values.record === undefined
      ? await replayAll(transcripts, opened, { strict: values.strict, settleMs })
      : await recordAll(transcripts, opened, values.record)
  } finally {
    await opened.close()
  }
}

async function replayAll(
  transcripts: ReadonlyMap<string, Transcript>,
  { subject, name }: OpenSubject,
  options: ReplayOptions,
): Promise<number> {
  let failed = 0
  for (const [file, transcript] of transcripts) {
    const differences = await replay(transcript, subject, options).catch((error: unknown) => [
      error instanceof Error ? error.message : String(error),
    ])
    if (differences.length > 0) failed++
    console.log(`${differences.length === 0 ? 'passed' : 'failed'}  ${file}`)
    for (const line of differences) console.log(`        ${line}`)
  }
  console.log(`\n${transcripts.size - failed} passed, ${failed} failed, against ${name}`)
  return failed === 0 ? 0 : 1
}

async function recordAll(
  transcripts: ReadonlyMap<string, Transcript>,
  { subject, name }: OpenSubject,
  folder: string,
): Promise<number> {
  for (const [file, transcript] of transcripts) {
    await writeTranscript(folder, file, await record(transcript, subject, name))
    console.log(`recorded  ${file}`)
  }
  console.log(`\n${transcripts.size} recorded to ${folder}, from ${name}`)
  return 0
}

async function openSubject(options: {
  backend: string
  'electric-url'?: string | undefined
  'database-url'?: string | undefined
  secret?: string | undefined
}): Promise<OpenSubject> {
  const { backend, 'electric-url': electricUrl, 'database-url': databaseUrl, secret } = options
  if (electricUrl !== undefined) {
    if (databaseUrl === undefined) throw new Error('--electric-url needs --database-url')
    const subject = remoteSubject(electricUrl, databaseUrl, secret)
    return { name: await subject.version(), subject, close: subject.close }
  }
  if (backend === 'pglite') return embedded('PGlite', await openPglite())
  if (backend !== 'postgres')
    throw new Error(`--backend must be pglite or postgres, not ${backend}`)
  const cluster = databaseUrl === undefined ? await startPostgres() : undefined
  const database = await connectPostgres({ connectionString: databaseUrl ?? cluster?.url ?? '' })
  return embedded('native Postgres', database, () => cluster?.stop())
}

async function embedded(
  name: string,
  database: Database,
  after: () => Promise<void> | undefined = () => undefined,
): Promise<OpenSubject> {
  const subject = await openEmbeddedSubject(database)
  return {
    name: `the embedded shape service over ${name}`,
    subject,
    close: async () => {
      await subject.close()
      await database.close()
      await after()
    },
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
