import { expect, test } from 'vitest'
import { byRules, SourceError, type TextSource } from './sources.ts'

async function answer(source: TextSource, prompt: string, written = ''): Promise<string> {
  let text = ''
  const context = { document: 'four words are here', written }
  for await (const piece of source(prompt, context, new AbortController().signal)) text += piece
  return text
}

const rules = byRules(0)

test.each([
  ['count to 3', '', '1 2 3'],
  ['@agent count to 3?', '', '1 2 3'],
  ['=2*(3+4)?', '', '14'],
  ['2*(3+4)', '', '14'],
  ['words', '', 'There are 4 words.'],
  ['count to 5', '1 2 3', ' 4 5'],
  ['count to 3', '1 2 3', ''],
])('the rules answer %j after %j with %j', async (prompt, written, expected) => {
  expect(await answer(rules, prompt, written)).toBe(expected)
})

test('the rules say what they know if they do not know a request', async () => {
  await expect(answer(rules, 'Write a poem')).rejects.toThrow(SourceError)
  await expect(answer(rules, 'count to 1001')).rejects.toThrow('They know “count to 20”')
})

test('a signal ends an answer of the rules between two words', async () => {
  const stop = new AbortController()
  const words: string[] = []
  for await (const word of rules('count to 9', { document: '', written: '' }, stop.signal)) {
    words.push(word)
    if (words.length === 2) stop.abort()
  }
  expect(words).toEqual(['1', ' 2'])
})
