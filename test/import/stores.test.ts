// `y-electric import --from …`: stores that the real packages of other products wrote.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { inspectDocument } from '@y-electric/documents'
import {
  connectPostgres,
  createShapeService,
  type Database,
  type ShapeService,
} from '@y-electric/embedded'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import * as Y from 'yjs'
import { isDeep, someOf } from '../harness/deep.ts'
import { createDatabase, type TestDatabaseUrl } from '../harness/postgres.ts'
import { serverScript } from '../harness/serverProcess.ts'
import { root } from '../readme/readme.ts'
import {
  type Documents,
  hocuspocusFile,
  sampleDocuments,
  type WrittenStore,
  writeLeveldb,
  writeUpstream,
  writeYPostgresql,
} from './stores.ts'

let created: TestDatabaseUrl
let database: Database
let folder: string

beforeAll(async () => {
  created = await createDatabase(inject('databaseUrl'), inject('databaseTemplate'))
  database = await connectPostgres({ connectionString: created.url })
  folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-import-'))
})
beforeEach(() => database.pool.query('TRUNCATE ydoc_document, ydoc_update, ydoc_snapshot CASCADE'))
afterAll(async () => {
  await database.close()
  await created.drop()
  await rm(folder, { recursive: true, force: true })
})

interface Report {
  readonly documents: readonly {
    readonly docId: string
    readonly state: string
    readonly source: object
    readonly stored: object | null
  }[]
  readonly refused: readonly { readonly docId: string; readonly code: string }[]
}

interface Ran {
  readonly code: number
  readonly report: Report
  readonly error?: { readonly code: string; readonly message: string }
}

/** Runs the command as a user would, in a project that has the packages. */
async function run(...args: string[]): Promise<Ran> {
  const { code, stdout } = await runText(...args, '--json')
  const value = JSON.parse(stdout)
  return { code, report: value, error: value.error }
}

async function runText(...args: string[]): Promise<{ code: number; stdout: string }> {
  const env = { ...process.env, DATABASE_URL: created.url }
  const cwd = path.join(root, 'test')
  const argv = [serverScript, 'import', '--from', ...args]
  return promisify(execFile)(process.execPath, argv, { env, cwd }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
  )
}

/** The Yjs update that is stored, read back by the package. */
async function storedDoc(docId: string): Promise<Y.Doc> {
  const { body } = await inspectDocument(database.pool, docId, { format: 'update' })
  const doc = new Y.Doc()
  Y.applyUpdate(doc, body as Uint8Array)
  return doc
}

async function expectImported({ code, report }: Ran, documents: Documents): Promise<void> {
  expect([code, report.refused]).toEqual([0, []])
  expect(report.documents.map(({ docId }) => docId)).toEqual(Object.keys(documents).sort())
  for (const { docId, state, source, stored } of report.documents) {
    expect([state, stored]).toEqual(['imported', source])
    const original = new Y.Doc()
    for (const edit of documents[docId] ?? []) Y.applyUpdate(original, edit)
    const copy = await storedDoc(docId)
    expect(Y.equalSnapshots(Y.snapshot(copy), Y.snapshot(original))).toBe(true)
    for (const name of original.share.keys()) {
      expect(copy.getText(name).toString()).toBe(original.getText(name).toString())
    }
  }
}

test('a file of Hocuspocus is imported with the content that its server stored', async () => {
  const { code, report } = await run('hocuspocus-sqlite', hocuspocusFile)
  expect([code, report.refused]).toEqual([0, []])
  expect(report.documents.map(({ docId, state }) => [docId, state])).toEqual([
    ['board', 'imported'],
    ['letter', 'imported'],
    ['meeting/minutes', 'imported'],
  ])
  for (const { source, stored } of report.documents) expect(stored).toEqual(source)
  expect((await storedDoc('letter')).getText('body').toString()).toBe('Dear Bob!')
  const minutes = (await storedDoc('meeting/minutes')).getXmlFragment('default')
  expect(minutes.toString()).toBe('<paragraph>Agreed: </paragraph>')
  const board = await storedDoc('board')
  expect(board.getMap('cards').toJSON()).toEqual({ 1: { title: 'Write', done: true } })
})

describe('a folder of y-leveldb', () => {
  let store: WrittenStore
  const documents = sampleDocuments()
  test.each(
    someOf([
      ['with an entry for each update', false],
      ['whose updates the package has joined', true],
    ] as const),
  )('%s is imported', async (_, flushes) => {
    store = await writeLeveldb(documents, flushes)
    try {
      await expectImported(await run('y-leveldb', store.place), documents)
    } finally {
      await store.remove()
    }
  })
})

describe.runIf(isDeep)('tables of other products', () => {
  let foreign: TestDatabaseUrl
  let foreignDatabase: Database
  let shapes: ShapeService
  const documents = sampleDocuments()

  beforeAll(async () => {
    foreign = await createDatabase(inject('databaseUrl'))
    foreignDatabase = await connectPostgres({ connectionString: foreign.url })
    shapes = await createShapeService({ database: foreignDatabase })
    await writeYPostgresql(foreign.url, documents)
    await writeUpstream(foreignDatabase.pool, shapes, documents)
  })
  afterAll(async () => {
    await shapes.close()
    await foreignDatabase.close()
    await foreign.drop()
  })

  test('the table of y-postgresql is imported', async () => {
    await expectImported(await run('y-postgresql', foreign.url), documents)
  })

  test('the table of the upstream y-electric is imported', async () => {
    await expectImported(await run('upstream-y-electric', foreign.url), documents)
  })

  test('a table that is missing, or has other columns, is named', async () => {
    const missing = await run('y-postgresql')
    expect([missing.code, missing.error?.message]).toEqual([
      2,
      expect.stringMatching(/no table "yjs-writings".*--table/),
    ])
    const other = await run('upstream-y-electric', '--table', 'ydoc_update')
    expect(other.error?.message).toMatch(/"ydoc_update" has no column room, op/)
  })
})

test('an import is run again after an interruption: what is stored already is compared, and kept', async () => {
  const documents = sampleDocuments()
  const place = path.join(folder, 'again')
  await writeFiles(place, documents)
  const dry = await run('files', place, '--dry-run')
  expect(dry.report.documents.map(({ state }) => state)).toEqual(['new', 'new'])
  expect((await database.pool.query('SELECT FROM ydoc_document')).rowCount).toBe(0)

  await writeFiles(path.join(folder, 'part'), { letter: documents.letter ?? [] })
  expect((await run('files', path.join(folder, 'part'))).code).toBe(0)
  const { code, report } = await run('files', place)
  expect([code, report.documents.map(({ state }) => state)]).toEqual([0, ['present', 'imported']])
})

test('a document with the same name and other content is refused and left as it is, and the others are imported', async () => {
  const mine = new Y.Doc()
  mine.getText('body').insert(0, 'mine')
  await writeFiles(path.join(folder, 'mine'), { letter: [Y.encodeStateAsUpdate(mine)] })
  await run('files', path.join(folder, 'mine'))
  const place = path.join(folder, 'other')
  await writeFiles(place, sampleDocuments())
  const { code, report } = await run('files', place)
  expect(code).toBe(1)
  expect(report.refused).toEqual([
    expect.objectContaining({ docId: 'letter', code: 'document_exists' }),
  ])
  expect(report.documents).toEqual([expect.objectContaining({ state: 'imported' })])
  expect((await storedDoc('letter')).getText('body').toString()).toBe('mine')
})

test('damaged and incomplete documents, and names that no document can have, are refused one by one', {
  skip: !isDeep,
}, async () => {
  const { letter = [] } = sampleDocuments()
  const place = path.join(folder, 'hostile')
  await writeFiles(place, {
    'a-part': letter.slice(1),
    damaged: [new Uint8Array([1, 2, 3, 4])],
    empty: [Y.encodeStateAsUpdate(new Y.Doc())],
    good: letter,
    ['n'.repeat(201)]: letter,
  })
  const { code, report } = await run('files', place)
  expect(code).toBe(1)
  expect(report.refused.map(({ docId, code }) => [docId.slice(0, 9), code])).toEqual([
    ['a-part', 'invalid_content'],
    ['damaged', 'invalid_content'],
    ['nnnnnnnnn', 'invalid_doc_id'],
  ])
  expect(report.documents.map(({ docId, state }) => [docId, state])).toEqual([
    ['empty', 'empty'],
    ['good', 'imported'],
  ])
  const { stdout } = await runText('files', place)
  expect(stdout).toMatch(/ {2}good: present, content [0-9a-f]{12}\n/)
  expect(stdout).toMatch(/3 documents refused/)
})

test.runIf(isDeep).each([
  ['y-leveldb', '/nowhere', /"\/nowhere" is not a folder of LevelDB/],
  ['hocuspocus-sqlite', serverScript, /not a file of Hocuspocus' SQLite/],
])('a %s that is none is an error that says so', async (from, place, message) => {
  const { code, error } = await run(from, place)
  expect([code, error?.message]).toEqual([2, expect.stringMatching(message)])
})

async function writeFiles(place: string, documents: Documents): Promise<void> {
  for (const [name, edits] of Object.entries(documents)) {
    const file = path.join(place, `${name}.yjs`)
    await mkdir(path.dirname(file), { recursive: true })
    const update = edits.length === 1 ? edits[0] : Y.mergeUpdates([...edits])
    await writeFile(file, update ?? new Uint8Array())
  }
}
