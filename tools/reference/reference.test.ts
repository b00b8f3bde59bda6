// docs/api.md agrees with the code.
import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { apiReference, referenceFile } from './reference.ts'

let made = ''

beforeAll(async () => {
  made = await apiReference()
}, 60_000)

test('docs/api.md is up to date', async () => {
  const kept = (await readFile(referenceFile, 'utf8')).split('\n')
  const now = made.split('\n')
  const place = now.findIndex((line, index) => line !== kept[index])
  const isSame = now.length === kept.length && place === -1
  const where = `docs/api.md is out of date from line ${place + 1} on: run npm run docs`
  expect(isSame, `${where}\n- ${kept[place]}\n+ ${now[place]}`).toBe(true)
})

test('every link within docs/api.md has a target, and the text never says "undefined"', () => {
  const headings = [...made.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
  for (const [, target = ''] of made.matchAll(/\]\(#([^)]+)\)/g)) {
    expect(headings).toContain(target)
  }
  const outside = made.replace(/```[\s\S]*?```/g, '')
  expect(outside).not.toMatch(/\b(undefined|\[object|NaN)\b/)
})

test('every exported function has a description, not only a signature', () => {
  const [, functions = ''] = made.split('\n## @y-electric/server\n')
  const silent = [...functions.matchAll(/^### (\w+)\n\n```ts\nfunction/gm)].map(([, name]) => name)
  expect(silent).toEqual([])
})
