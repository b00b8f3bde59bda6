// Measures the cost of checking an update before it is stored as a row.
import { examineUpdate } from 'y-electric/protocol'
import * as Y from 'yjs'
import type { Report, Row } from './table.ts'

/** The goal for the cost of a keystroke, in milliseconds. */
const AIM_MS = 0.1

export async function benchExamine(): Promise<Report> {
  return {
    title: 'examine: the server checks an update before it is stored',
    rows: Object.entries(UPDATES).map(([name, make]) => measure(name, make())),
    notes: [
      'On one thread, after a warm-up. “ms” is the mean; “decode” is the time for decoding only.',
      `The aim for a keystroke is ${AIM_MS} ms.`,
    ],
  }
}

function measure(update: string, bytes: Uint8Array): Row {
  const { structs } = examineUpdate(bytes)
  const ms = meanOf(() => examineUpdate(bytes))
  const decode = meanOf(() => Y.decodeUpdate(bytes))
  return { update, bytes: bytes.byteLength, structs, decode, ms }
}

/** The mean processor time in milliseconds, which other processes do not affect. */
function meanOf(work: () => void): number {
  for (let i = 0; i < 20; i++) work()
  const started = process.cpuUsage()
  let runs = 0
  for (let spent = 0; spent < 200; runs++) {
    work()
    if (runs % 10 === 9) spent = millisecondsSince(started)
  }
  return millisecondsSince(started) / runs
}

function millisecondsSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(started)
  return (user + system) / 1_000
}

/** Makes the update of one edit in a document with some text. */
function editOf(edit: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc()
  doc.getText('t').insert(0, 'some text as content')
  const before = Y.encodeStateVector(doc)
  doc.transact(() => edit(doc))
  return Y.encodeStateAsUpdate(doc, before)
}

const UPDATES: Readonly<Record<string, () => Uint8Array>> = {
  'a letter is typed': () => editOf((doc) => doc.getText('t').insert(4, 'x')),
  'a letter is deleted': () => editOf((doc) => doc.getText('t').delete(4, 1)),
  'a word becomes bold': () => editOf((doc) => doc.getText('t').format(5, 4, { bold: true })),
  'a key is set': () => editOf((doc) => doc.getMap('m').set('key', { a: [1, 2, 3] })),
  'a paragraph is pasted': () =>
    editOf((doc) => {
      const text = new Y.XmlText()
      text.insert(0, 'x'.repeat(1_000))
      const paragraph = new Y.XmlElement('paragraph')
      paragraph.insert(0, [text])
      doc.getXmlFragment('x').insert(0, [paragraph])
    }),
  '900 structs': () =>
    editOf((doc) => {
      for (let i = 0; i < 900; i++) doc.getMap('m').set(`key ${i}`, i)
    }),
  '50,000 structs': () =>
    editOf((doc) => {
      for (let i = 0; i < 50_000; i++) doc.getMap('m').set(`key ${i}`, i)
    }),
}
