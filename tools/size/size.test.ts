import { expect, test } from 'vitest'
import { bundleSize } from './bundle.ts'
import { editorFirstPaint } from './editor.ts'
import { measureBundles, problemsOf } from './measure.ts'

test('no chunk of an app is larger than its limit', async () => {
  const { limited } = await measureBundles()
  expect(problemsOf(limited)).toEqual([])
})

test('an option that an app does not use adds no code to the first chunk', async () => {
  const { first, lazy } = await bundleSize("export { ElectricProvider } from 'y-electric'")
  const modules = first.modules.map(({ name }) => name)
  const ofOptions = /^(persistence|tabs\/tabs|io\/(live-hub|presence|compactor|fold-))/
  expect(modules.filter((name) => ofOptions.test(name))).toEqual([])
  expect(lazy.map(({ name }) => name)).toContain('session/presence/presence.js')
})

test('an app that imports only the error class loads no other code', async () => {
  const { first } = await bundleSize("export { ElectricProviderError } from 'y-electric'")
  expect(first.modules.map(({ name }) => name)).toEqual(['errors.js'])
})

test('the first paint of the editor needs no more than its limit', async () => {
  const paint = await editorFirstPaint()
  expect(problemsOf([paint])).toEqual([])
  // A manifest that is read wrongly would name hardly any file.
  expect(paint.bytes).toBeGreaterThan(100_000)
})

test('the check names a figure above its limit', () => {
  const problems = problemsOf([
    { name: 'small', bytes: 1, limit: 1 },
    { name: 'large', bytes: 2, limit: 1 },
  ])
  expect(problems).toEqual(['large: 2 bytes, and the limit is 1'])
})
