import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { Agent } from './agent.ts'

const PACE_MS = 20

let doc: Y.Doc
let agent: Agent

beforeEach(() => {
  vi.useFakeTimers()
  doc = new Y.Doc()
  const provider = { doc, awareness: new Awareness(doc) }
  agent = new Agent({ provider, field: 'default', paceMs: PACE_MS, print: () => {} })
  agent.start()
})
afterEach(() => {
  agent.stop()
  doc.destroy()
  vi.useRealTimers()
})

function write(line: string): Y.XmlText {
  const text = new Y.XmlText(line)
  doc.getXmlFragment('default').push([text])
  return text
}

const words = (count: number) => vi.advanceTimersByTimeAsync(count * PACE_MS)

test('an undone answer is not written again when text is typed before the request', async () => {
  const line = write('@agent count to 3?')
  await words(10)
  expect(line.toString()).toBe('@agent count to 3? 1 2 3')

  write('@agent undo?')
  await words(10)
  expect(line.toString()).toBe('@agent count to 3?')

  line.insert(0, 'Please, ')
  await words(10)
  expect(line.toString()).toBe('Please, @agent count to 3?')
})

test('typing before a request does not restart its answer', async () => {
  const line = write('@agent count to 5?')
  await words(3)
  line.insert(0, '. ')
  await words(10)
  expect(line.toString()).toBe('. @agent count to 5? 1 2 3 4 5')
})

test('a request that is written again is answered again', async () => {
  const line = write('=1+1?')
  await words(2)
  line.insert(line.length, ' =1+1?')
  await words(2)
  expect(line.toString()).toBe('=1+1? 2 =1+1? 2')
})
