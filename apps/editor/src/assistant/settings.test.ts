import { expect, test } from 'vitest'
import { settingsProblem } from './settings.ts'

const endpoint = {
  kind: 'endpoint',
  baseUrl: 'https://llm.example.com/v1',
  model: 'm',
  key: 'k',
} as const

test('the rules need no setting, and an endpoint needs an address and a model', () => {
  expect(settingsProblem({ ...endpoint, kind: 'rules', baseUrl: '' }, true)).toBeNull()
  expect(settingsProblem(endpoint, true)).toBeNull()
  expect(settingsProblem({ ...endpoint, key: '' }, true)).toBeNull()
  expect(settingsProblem({ ...endpoint, model: ' ' }, true)).toContain('name of a model')
})

test.each([
  ['llm', true, 'Enter the address'],
  ['', true, 'Enter the address'],
  ['ftp://llm.example.com', true, 'must start with https://'],
  ['https://user:key@llm.example.com', true, 'in its own field'],
  ['http://llm.example.com', true, 'must start with https://'],
  ['http://llm.example.com', false, null],
  ['http://localhost:11434/v1', true, null],
  ['http://127.0.0.1:11434/v1', true, null],
])('the address %j, on a page with TLS: %j', (baseUrl, isSecure, problem) => {
  const found = settingsProblem({ ...endpoint, baseUrl }, isSecure)
  if (problem === null) expect(found).toBeNull()
  else expect(found).toContain(problem)
})
