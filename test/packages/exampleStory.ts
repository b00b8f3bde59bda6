// The story of two people that every example goes through.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { takeScreenshot } from '../harness/browser.ts'
import type { Driver } from './exampleDrivers.ts'

/** Limits only a page that hangs. */
const PATIENCE_MS = 300_000

export const says = (page: Page, selector: string, words: string): Promise<void> =>
  eventually(async () => expect(await page.locator(selector).textContent()).toBe(words), PATIENCE_MS)

export interface Stage {
  readonly name: string
  open(person: string): Promise<Page>
  stopServer(): Promise<unknown>
  startServer(): Promise<unknown>
}

/** The same for every editor. */
export async function tellStory(driver: Driver, stage: Stage): Promise<void> {
  const { write, read, carets, undo } = driver
  const reads = (page: Page, words: string) =>
    eventually(async () => expect(await read(page)).toBe(words), PATIENCE_MS)
  const ada = await stage.open('Ada')
  await says(ada, '#status', 'Saved')
  const bob = await stage.open('Bob')
  await says(bob, '#status', 'Saved')
  await says(ada, '#others', 'With Bob')
  await says(bob, '#others', 'With Ada')

  await write(ada, 'Dear Bob')
  await reads(bob, 'Dear Bob')
  await eventually(async () => expect(await carets(bob)).toEqual(['Ada']), PATIENCE_MS)
  await write(bob, ', dear Ada')
  for (const page of [ada, bob]) await reads(page, 'Dear Bob, dear Ada')
  await eventually(async () => expect(await carets(ada)).toEqual(['Bob']), PATIENCE_MS)
  await takeScreenshot(ada, `example-${stage.name}`)

  // An editor may count fast typing as one step or as several.
  await eventually(async () => {
    await undo(ada)
    expect(await read(ada)).toBe(', dear Ada')
  }, PATIENCE_MS)
  // Nothing of Ada's is left, and Bob's edits are not hers to undo.
  await undo(ada)
  await write(ada, ' and all')
  for (const page of [ada, bob]) await reads(page, ', dear Ada and all')
  await says(ada, '#status', 'Saved')

  await bob.reload()
  await reads(bob, ', dear Ada and all')
  await says(bob, '#status', 'Saved')

  await stage.stopServer()
  for (const [page, words] of [
    [ada, ' offline'],
    [bob, ' away'],
  ] as const) {
    await write(page, words)
    await says(page, '#status', 'Offline, kept on this device')
    await page.reload()
    await reads(page, `, dear Ada and all${words}`)
    await says(page, '#status', 'Offline, kept on this device')
  }
  await stage.startServer()
  for (const page of [ada, bob]) await says(page, '#status', 'Saved')
  await eventually(async () => {
    const text = await read(ada)
    expect(text).toContain(' offline')
    expect(text).toContain(' away')
    expect(await read(bob)).toBe(text)
  }, PATIENCE_MS)
  const both = await read(ada)
  expect(both).toHaveLength(', dear Ada and all offline away'.length)
  // A person who was never there reads it from the server.
  const carol = await stage.open('Carol')
  await reads(carol, both)
  for (const page of [ada, bob, carol]) await page.context().close()
}
