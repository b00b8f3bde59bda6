// Tests that the supervisor of a fuzzing process ends every run, even if the process hangs or crashes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Failure } from './engine/campaign.ts'
import { type Patience, runChild } from './supervise.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'y-electric-supervise-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const PATIENCE: Patience = { hangSeconds: 40, lookMs: 50, idleLooks: 3, exitMs: 50 }
const JOB = {
  target: 'state',
  seed: 1,
  milliseconds: 1_000,
  runs: 1,
  isGuided: false,
  kept: [],
} as const

async function runScript(name: string, code: string) {
  const script = path.join(folder, `${name}.mjs`)
  writeFileSync(script, code)
  const failures: Failure[] = []
  const ended = await runChild(JOB, (failure) => failures.push(failure), {
    script,
    patience: PATIENCE,
  })
  return { ...ended, kinds: failures.map(({ kind }) => kind) }
}

test('the supervisor ends a process that keeps a timer after its last message, and its result counts', async () => {
  const { result, kinds } = await runScript(
    'timer',
    `setInterval(() => {}, 1_000_000)
     process.on('message', () => {
       process.send({ type: 'done', result: { runs: 7 } }, () => process.disconnect())
     })`,
  )
  expect(result).toMatchObject({ runs: 7 })
  expect(kinds).toEqual([])
})

test('the supervisor ends a process that waits without working, and reports it as a finding', async () => {
  const { result, runs, kinds } = await runScript(
    'waits',
    `process.on('message', () => process.send({ type: 'running', runs: 3 }))`,
  )
  expect(result).toBeNull()
  expect(runs).toBe(3)
  expect(kinds).toEqual([expect.stringMatching(/^waits for [\d.]+ s and does nothing$/)])
})

test('the supervisor reports a process that ends itself as a finding', async () => {
  const { kinds } = await runScript('exits', `process.on('message', () => process.exit(9))`)
  expect(kinds).toEqual(['ends the process (exit code 9)'])
})
