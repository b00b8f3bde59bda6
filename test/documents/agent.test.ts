// Runs the example agent as a separate process, which writes while a client types.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { openPerson, type Person } from '../presence/people.ts'

const folder = path.resolve(import.meta.dirname, '../../apps/agent')
const backend = useBackend()
let server: TestServer
let ada: Person
let agent: ChildProcess
let exited: Promise<unknown[]>

beforeEach(async () => {
  server = await serveApp({ backend: backend.current })
  const docId = freshDocId('agent')
  ada = openPerson({ url: server.url, docId, name: 'Ada' })
  await ada.provider.whenSynced()
  const script = ['--import', 'tsx', '-C', 'y-electric-source', 'src/main.ts']
  const options = ['--doc', docId, '--url', server.url, '--name', 'Ann Agent', '--pace', '20']
  agent = spawn(process.execPath, [...script, ...options], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  exited = once(agent, 'exit')
})
afterEach(async () => {
  agent.kill('SIGKILL')
  await exited
  await ada.close()
  await server.close()
})

/** Adds a paragraph at the end of the document in the form of TipTap. */
function write(line: string): Y.XmlText {
  const text = new Y.XmlText(line)
  const paragraph = new Y.XmlElement('paragraph')
  paragraph.insert(0, [text])
  ada.doc.getXmlFragment('default').push([paragraph])
  return text
}

const textOf = (text: Y.XmlText) => text.toString()
const caret = () =>
  [...ada.awareness.getStates().values()].find(({ user }) => user?.name === 'Ann Agent')?.cursor

test('the agent answers in the document while a client types, and leaves on request', async () => {
  const sum = write('What is =2*(3+4)?')
  await eventually(() => expect(textOf(sum)).toBe('What is =2*(3+4)? 14'))
  await eventually(() => expect(ada.names()).toEqual(['Ada', 'Ann Agent']))
  await eventually(() => {
    const anchor = Y.createRelativePositionFromJSON(caret()?.anchor)
    const at = Y.createAbsolutePositionFromRelativePosition(anchor, ada.doc)
    expect([at?.type, at?.index]).toEqual([sum, sum.length])
  })

  // The agent and the client write in one line without disturbing each other.
  const count = write('@agent count to 40?')
  const numbers = Array.from({ length: 40 }, (_, i) => i + 1).join(' ')
  for (let typed = 0; typed < 20; typed++) {
    await eventually(() => expect(textOf(count)).toContain(`? ${typed > 0 ? 1 : ''}`))
    count.insert(0, '.')
  }
  await eventually(() =>
    expect(textOf(count)).toBe(`${'.'.repeat(20)}@agent count to 40? ${numbers}`),
  )

  // One undo removes all text of the agent, and no text of others.
  write('@agent undo?')
  await eventually(() => expect(textOf(count)).toBe(`${'.'.repeat(20)}@agent count to 40?`))
  expect(textOf(sum)).toBe('What is =2*(3+4)? 14')

  // The agent can be interrupted.
  const long = write('@agent count to 1000?')
  await eventually(() => expect(textOf(long)).toContain('? 1 2 3'))
  write('@agent stop')
  await ada.provider.whenSaved()
  const after = write('=1+1?')
  await eventually(() => expect(textOf(after)).toBe('=1+1? 2'))
  expect(textOf(long)).not.toContain(' 999')

  agent.kill('SIGINT')
  expect(await exited).toEqual([0, null])
  await eventually(() => expect(ada.names()).toEqual(['Ada']))
}, 120_000)
