// A page is hidden, closed and reopened in a real Chromium. Others see at once that it leaves and returns.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { freshDocId } from '../e2e/server.ts'
import { eventually } from './eventually.ts'
import type {} from './lab.ts'
import { useLab } from './useLab.ts'

const site = useLab()

/** Opens the document as a person with a separate browser profile. */
async function open(name: string, docId: string): Promise<Page> {
  const page = await site.openTab(await site.newProfile())
  await page.evaluate(([person, id]) => lab.openPerson(person, id), [name, docId] as const)
  return page
}
const names = (page: Page) => page.evaluate(() => lab.names())
const see = (page: Page, ...wanted: string[]) =>
  eventually(async () => expect(await names(page)).toEqual(wanted))

test('others see at once when a page leaves, closes and returns', async () => {
  const docId = freshDocId()
  const [ada, bob, carol] = await Promise.all(
    ['Ada', 'Bob', 'Carol'].map((name) => open(name, docId)),
  )
  if (!ada || !bob || !carol) throw new Error('the test needs three clients')
  await see(ada, 'Ada', 'Bob', 'Carol')
  await bob.goto('about:blank')
  await see(ada, 'Ada', 'Carol')
  await carol.close({ runBeforeUnload: true })
  await see(ada, 'Ada')
  const back = await open('Bob', docId)
  await Promise.all([see(ada, 'Ada', 'Bob'), see(back, 'Ada', 'Bob')])
})
