import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { addLine, linesIn } from './testing/world.ts'
import { removeWritten, writtenBy } from './written.ts'

const ours = (...docs: Y.Doc[]) => new Map(docs.map(({ clientID }) => [clientID, 0]))
const root = (doc: Y.Doc) => doc.getXmlFragment('default')

/** Two clients that exchange all edits. */
function pair(): { person: Y.Doc; agent: Y.Doc; exchange: () => void } {
  const [person, agent] = [new Y.Doc(), new Y.Doc()]
  const exchange = () => {
    Y.applyUpdate(person, Y.encodeStateAsUpdate(agent))
    Y.applyUpdate(agent, Y.encodeStateAsUpdate(person))
  }
  return { person, agent, exchange }
}

test('the text of one client is read without what others typed into it', () => {
  const { person, agent, exchange } = pair()
  const line = addLine(person, 'Hello.')
  exchange()
  addLine(agent, 'one three')
  exchange()
  const answer = (root(person).get(1) as Y.XmlElement).get(0) as Y.XmlText
  answer.insert(3, ' two')
  expect(writtenBy(root(person), ours(agent))).toEqual({
    text: 'one three',
    end: { line: answer, index: 13 },
  })
  expect(writtenBy(root(person), ours(person)).end?.line).toBe(answer)
  expect(writtenBy(root(person), new Map()).end).toBeNull()
  expect(line.toString()).toBe('Hello.')
})

test('removing an answer removes its paragraphs, and keeps what a person typed into one of them', () => {
  const { person, agent, exchange } = pair()
  addLine(person, 'Before.')
  exchange()
  for (const text of ['First.', 'Second.', 'Third.']) addLine(agent, text)
  exchange()
  const second = (root(person).get(2) as Y.XmlElement).get(0) as Y.XmlText
  second.insert(6, ' by me')
  addLine(person, 'After.')
  removeWritten(root(person), ours(agent), 'test')
  expect(linesIn(person)).toEqual(['Before.', ' by me', 'After.'])
})

test('only what was inserted from a clock on is removed', () => {
  const agent = new Y.Doc()
  const line = addLine(agent, 'kept')
  const clock = Y.getState(agent.store, agent.clientID)
  line.insert(4, ' removed')
  removeWritten(root(agent), new Map([[agent.clientID, clock]]), 'test')
  expect(linesIn(agent)).toEqual(['kept'])
})

test('removing leaves exactly the characters of others, after any edits', () => {
  const edit = fc.record({
    isAgent: fc.boolean(),
    at: fc.nat(40),
    deletes: fc.nat(3),
    text: fc.string({ maxLength: 4, unit: fc.constantFrom('x', 'y', '🙂', ' ') }),
  })
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 40 }), (edits) => {
      const { person, agent, exchange } = pair()
      addLine(person, 'p'.repeat(5))
      exchange()
      addLine(agent, 'agent')
      exchange()
      for (const { isAgent, at, deletes, text } of edits) {
        const doc = isAgent ? agent : person
        const blocks = root(doc).toArray() as Y.XmlElement[]
        const line = blocks[at % blocks.length]?.get(0) as Y.XmlText
        const index = at % (line.length + 1)
        // Upper case marks the agent's characters.
        line.delete(index, Math.min(deletes, line.length - index))
        line.insert(index, isAgent ? text.toUpperCase() : text)
        if (at % 3 === 0) exchange()
      }
      exchange()
      const before = linesIn(person).join('')
      const mine = before.replace(/[XY]/g, '').replace('agent', '')
      removeWritten(root(person), ours(agent), 'test')
      exchange()
      const after = linesIn(person).join('')
      expect(linesIn(agent)).toEqual(linesIn(person))
      expect(after).not.toMatch(/[XY]/)
      // Spaces and faces do not show who typed them.
      expect(after.replace(/[^pxy]/g, '')).toBe(mine.replace(/[^pxy]/g, ''))
      expect(writtenBy(root(person), ours(agent)).text).toBe('')
    }),
    { numRuns: 60 },
  )
})
