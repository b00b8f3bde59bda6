// Stores of other products, written by their own packages.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { ElectricProvider, parseToDecoder } from '@electric-sql/y-electric'
import type { ShapeService } from '@y-electric/embedded'
import * as decoding from 'lib0/decoding'
import type pg from 'pg'
import { LeveldbPersistence } from 'y-leveldb'
import { PostgresqlPersistence } from 'y-postgresql'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { root } from '../readme/readme.ts'

/** The documents of a store: what each was made of, edit by edit. */
export type Documents = Readonly<Record<string, readonly Uint8Array[]>>

/** Text with deletes, and a nested structure, by two people. */
export function sampleDocuments(): Documents {
  const [letter, minutes] = [new Y.Doc(), new Y.Doc()]
  const edits = { letter: editsOf(letter), 'meeting/minutes': editsOf(minutes) }
  letter.getText('body').insert(0, 'Dear Bob, dear Eve')
  letter.getText('body').delete(8, 10)
  letter.clientID += 1
  letter.getText('body').insert(8, '!')
  const paragraph = new Y.XmlElement('paragraph')
  minutes.getXmlFragment('default').insert(0, [paragraph])
  paragraph.insert(0, [new Y.XmlText('Agreed: ')])
  minutes.getMap('meta').set('people', ['Ada', 'Bob'])
  return edits
}

function editsOf(doc: Y.Doc): Uint8Array[] {
  const edits: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => edits.push(update))
  return edits
}

export interface WrittenStore {
  readonly place: string
  remove(): Promise<void>
}

/** The file that test/data/stores/writeHocuspocus.mjs wrote. */
export const hocuspocusFile = path.join(root, 'test/data/stores/hocuspocus.sqlite')

/** @param flushes whether the package joins the updates of each document into one, as it does after some hundred */
export async function writeLeveldb(documents: Documents, flushes: boolean): Promise<WrittenStore> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-leveldb-'))
  const store = new LeveldbPersistence(folder)
  for (const [name, edits] of Object.entries(documents)) {
    for (const edit of edits) await store.storeUpdate(name, edit)
    await store.setMeta(name, 'owner', 'ada')
    if (flushes) await store.flushDocument(name)
  }
  await store.destroy()
  return { place: folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

export async function writeYPostgresql(databaseUrl: string, documents: Documents): Promise<void> {
  const store = await PostgresqlPersistence.build({ connectionString: databaseUrl })
  for (const [name, edits] of Object.entries(documents)) {
    for (const edit of edits) await store.storeUpdate(name, edit)
  }
  await store.destroy()
}

/** The table of the guide of `@electric-sql/y-electric`, filled by its provider through a server as the guide has it. */
export async function writeUpstream(
  pool: pg.Pool,
  shapes: ShapeService,
  documents: Documents,
): Promise<void> {
  await pool.query(
    `CREATE TABLE ydoc_updates (
       id uuid DEFAULT gen_random_uuid() PRIMARY KEY, room text NOT NULL, op bytea NOT NULL)`,
  )
  for (const [room, edits] of Object.entries(documents)) {
    const doc = new Y.Doc()
    /** The provider joins edits that it makes while it sends, so the number of rows is not known. */
    const isWhole = async () => {
      const { rows } = await pool.query('SELECT op FROM ydoc_updates WHERE room = $1', [room])
      const stored = new Y.Doc()
      for (const { op } of rows) {
        const decoder = decoding.createDecoder(op)
        while (decoding.hasContent(decoder)) {
          Y.applyUpdate(stored, decoding.readVarUint8Array(decoder))
        }
      }
      return Y.equalSnapshots(Y.snapshot(stored), Y.snapshot(doc))
    }
    const provider = new ElectricProvider<{ op: decoding.Decoder }>({
      doc,
      documentUpdates: {
        shape: {
          url: 'http://shapes.test/v1/shape',
          params: { table: 'ydoc_updates', where: `room = '${room}'` },
          parser: parseToDecoder,
          fetchClient: (input, init) => shapes.fetch(new Request(input, init)),
        },
        sendUrl: 'http://server.test/updates',
        getUpdateFromRow: ({ op }) => op,
      },
      fetchClient: async (_input, init) => {
        await pool.query('INSERT INTO ydoc_updates (room, op) VALUES ($1, $2)', [
          room,
          Buffer.from(init?.body as Uint8Array),
        ])
        return new Response()
      },
    })
    await eventually(() => provider.connected)
    for (const edit of edits) Y.applyUpdate(doc, edit, 'a person')
    await eventually(isWhole)
    provider.destroy()
  }
}
