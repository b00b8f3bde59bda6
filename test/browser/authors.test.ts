// The names of writers who have left, for a person who never met them.
import { expect, test } from 'vitest'
import { takeScreenshot } from '../harness/browser.ts'
import { isDeep } from '../harness/deep.ts'
import { barriers } from './barriers.ts'
import { badge, patience, shows, type, useVisitors } from './visitors.ts'

const people = useVisitors()
const { openPage, profileOf, visit } = people

test.runIf(isDeep)(
  'somebody who comes later sees who wrote what, in the text and in the inspector',
  async () => {
    const ada = await visit('Ada')
    await type(ada, 'We met on the rocks.')
    await badge(ada, 'saved')
    const bob = await visit('Bob')
    await shows(bob, 'rocks.')
    await type(bob, ' The lamp needs new glass.')
    await badge(bob, 'saved')
    await Promise.all([ada.goto('about:blank'), bob.goto('about:blank')])

    const cleo = await openPage(await profileOf('Cleo'))
    await shows(cleo, 'new glass.')
    await cleo.getByRole('button', { name: 'History' }).click()
    await cleo.getByLabel('Shade by author').check()
    const authors = cleo.getByTestId('authors').getByRole('listitem')
    await authors.filter({ hasText: 'Bob' }).waitFor({ timeout: patience })
    expect(await authors.allTextContents()).toEqual(['Bob57 %', 'Ada43 %'])
    await cleo.locator('.prose .author[title="Ada"]', { hasText: 'We met on the rocks.' }).waitFor()
    await cleo.locator('.prose .author[title="Bob"]', { hasText: 'The lamp' }).waitFor()
    await cleo.getByText('this server does not check them').waitFor()
    expect(await barriers(cleo)).toEqual([])
    await takeScreenshot(cleo, 'authors')
    await cleo.setViewportSize({ width: 390, height: 700 })
    expect(await cleo.evaluate('document.documentElement.scrollWidth')).toBe(390)
    await takeScreenshot(cleo, 'authors-phone')
    await cleo.emulateMedia({ colorScheme: 'dark' })
    expect(await barriers(cleo)).toEqual([])
    await takeScreenshot(cleo, 'authors-dark')

    await cleo.goto(`${people.url}/inspect/${people.docId}`)
    await cleo.locator('.writers-name', { hasText: 'Bob' }).waitFor({ timeout: patience })
    expect((await cleo.locator('.writers-name').allTextContents()).sort()).toEqual(['Ada', 'Bob'])
    expect(await cleo.locator('body').textContent()).not.toMatch(/client \d/)
  },
  4 * patience,
)
