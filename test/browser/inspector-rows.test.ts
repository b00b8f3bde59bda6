// The rows in the inspector: when they were stored, who wrote them, and the document after each of them. Every step
// uses the keyboard.
import type { UpdateList } from '@y-electric/server'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { updatesPath } from 'y-electric/protocol'
import { isDeep } from '../harness/deep.ts'
import { barriers } from './barriers.ts'
import { eventually } from './eventually.ts'
import { patience, screenshotFromTop, useInspection } from './inspection.ts'

const inspection = useInspection()
const { api, fold, openInspector, roll, writeRows } = inspection

const listed = async (): Promise<UpdateList['updates']> => {
  const response = await api(updatesPath(inspection.docId))
  return ((await response.json()) as UpdateList).updates
}

const says = (place: Locator, words: string | RegExp) =>
  eventually(async () => expect(await place.textContent()).toMatch(words), patience)

const countOf = (page: Page, selector: string, count: number) =>
  eventually(async () => expect(await page.locator(selector).count()).toBe(count), patience)

/** The different values of a property of all these elements. */
const styles = async (page: Page, selector: string, property: string): Promise<string[]> => {
  const all = await page
    .locator(selector)
    .evaluateAll(
      (elements, name) =>
        elements.map((element) => getComputedStyle(element).getPropertyValue(name)),
      property,
    )
  return [...new Set(all)]
}

test('each row shows when the database stored it, in short and exactly when it has the focus', {
  skip: !isDeep,
}, async () => {
  await writeRows(2, 'Stored', 'Ada')
  const inside = await openInspector()
  await writeRows(1, 'Later', 'Ada')
  const times = async () =>
    inside
      .locator('.news time')
      .evaluateAll((all) => all.map((each) => each.getAttribute('datetime')))
  await eventually(async () => {
    const stored = (await listed()).map(({ storedAt }) => storedAt)
    expect(await times()).toEqual(stored.reverse())
  }, patience)

  const row = inside.locator('.news tbody tr').first()
  const [short, exact] = ['.moment-short', '.moment-exact'].map((each) => row.locator(each))
  expect([await short?.isVisible(), await exact?.isVisible()]).toEqual([true, false])
  await row.getByRole('button').focus()
  expect([await short?.isVisible(), await exact?.isVisible()]).toEqual([false, true])
  expect(await short?.textContent()).toBe('just now')
  expect(await exact?.textContent()).toMatch(/\d{2}:\d{2}:\d{2}\.\d{3}$/)
  expect(inspection.consoleErrors).toEqual([])
})

test('each writer has one colour everywhere, and the legend filters log, plot and totals', {
  skip: !isDeep,
}, async () => {
  await writeRows(3, 'The keeper', 'Ada')
  await writeRows(2, 'The boats', 'Bob')
  await writeRows(1, 'The storm')
  const inside = await openInspector()
  const legend = inside.getByTestId('legend')
  await says(legend, /Ada 3 rowsBob 2 rowsclient \d+ 1 row$/)
  const colors = await styles(inside, '.filters-writer .dot', 'background-color')
  expect(colors).toHaveLength(3)
  for (const [selector, property] of [
    ['.tick', 'background-color'],
    ['.news .dot', 'background-color'],
    ['.sizes-rise', 'stroke'],
    ['.writers .dot', 'background-color'],
  ] as const) {
    await eventually(async () => {
      expect((await styles(inside, selector, property)).sort(), selector).toEqual(
        [...colors].sort(),
      )
    }, patience)
  }

  const shown = inside.getByTestId('shown')
  await says(shown, '6 rows')
  await legend.getByLabel('Bob').focus()
  await inside.keyboard.press('Space')
  await says(shown, '2 of 6 rows')
  await countOf(inside, '.tick', 2)
  await countOf(inside, '.news tbody tr', 2)
  await says(inside.locator('.totals'), 'Update rows shown2 of 6')
  expect(await styles(inside, '.sizes-rise', 'stroke')).toEqual([colors[1]])
  await legend.getByLabel('Ada').focus()
  await inside.keyboard.press('Space')
  await says(shown, '5 of 6 rows')

  await inside.getByRole('button', { name: 'Last 10 minutes' }).focus()
  await inside.keyboard.press('Enter')
  await says(shown, '5 of 6 rows')
  await eventually(async () => expect(new URL(inside.url()).searchParams.has('from')).toBe(true))
  const { search } = new URL(inside.url())
  const friend = await openInspector({}, search)
  await says(friend.getByTestId('shown'), '5 of 6 rows')
  expect(await friend.getByLabel('Bob').isChecked()).toBe(true)
  expect(await friend.getByLabel('from').inputValue()).toBe(
    await inside.getByLabel('from').inputValue(),
  )

  await inside.getByLabel('to', { exact: true }).fill('2001-02-03T04:05:06')
  await says(shown, '0 of 6 rows')
  for (const colorScheme of ['light', 'dark'] as const) {
    await inside.emulateMedia({ colorScheme })
    expect(await barriers(inside)).toEqual([])
    await friend.emulateMedia({ colorScheme })
    await screenshotFromTop(friend, `inspector-filter-${colorScheme}`)
    expect(await barriers(friend)).toEqual([])
  }
  await inside.getByRole('button', { name: 'Show all rows' }).focus()
  await inside.keyboard.press('Enter')
  await says(shown, '6 rows')
  await eventually(async () => expect(new URL(inside.url()).search).toBe(''))
  expect(inspection.consoleErrors).toEqual([])
})

test('the slider shows the document after each row and marks the change, until rows are folded', {
  skip: !isDeep,
}, async () => {
  await writeRows(3, 'Line', 'Ada')
  const inside = await openInspector()
  const slider = inside.getByRole('slider', { name: 'Row of the log' })
  const stop = inside.getByTestId('stop')
  const document = inside.getByTestId('then')
  const [first, second] = await listed()

  await slider.focus()
  await inside.keyboard.press('Home')
  await says(stop, 'Before the first row')
  await says(document, 'The document was empty.')
  await inside.keyboard.press('ArrowRight')
  await inside.keyboard.press('ArrowRight')
  await says(stop, new RegExp(`^Row ${second?.seq} · stored .* · writer Ada · `))
  expect(await slider.getAttribute('aria-valuetext')).toBe(await stop.textContent())
  await says(document, /^Line 0\.Line 1\.$/)
  expect(await document.locator('ins').allTextContents()).toEqual(['Line 1.'])
  for (const colorScheme of ['light', 'dark'] as const) {
    await inside.emulateMedia({ colorScheme })
    await screenshotFromTop(inside, `inspector-then-${colorScheme}`)
    expect(await barriers(inside)).toEqual([])
  }

  // A row of the list leads to the slider, and a link leads to the same row.
  await inside.getByRole('button', { name: `Row ${first?.seq}:` }).focus()
  await inside.keyboard.press('Enter')
  await says(document, /^Line 0\.$/)
  expect(await slider.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(
    true,
  )
  await eventually(async () => {
    expect(new URL(inside.url()).searchParams.get('at')).toBe(String(first?.seq))
  })
  const friend = await openInspector({}, new URL(inside.url()).search)
  await says(friend.getByTestId('then'), /^Line 0\.$/)

  await writeRows(25, 'More')
  await roll()
  await fold()
  await writeRows(1, 'After')
  await says(stop, /^Snapshot row · /)
  await says(document, /^Line 0\.Line 1\.Line 2\.More 0\..*More 24\.$/)
  await inside.getByText('the log does not have them any more').waitFor()
  await slider.focus()
  await inside.keyboard.press('End')
  await says(document, /More 24\.After 0\.$/)
  expect(inspection.consoleErrors).toEqual([])
})

test('the slider stops only at the rows that the filter shows', { skip: !isDeep }, async () => {
  await writeRows(2, 'Ada', 'Ada')
  await writeRows(1, 'Bob', 'Bob')
  await writeRows(1, 'Ada again', 'Ada')
  const inside = await openInspector({}, '?writer=name%3ABob')
  await says(inside.getByTestId('shown'), '1 of 4 rows')
  const slider = inside.getByRole('slider', { name: 'Row of the log' })
  expect(await slider.getAttribute('max')).toBe('1')
  await slider.focus()
  await inside.keyboard.press('Home')
  await inside.keyboard.press('ArrowRight')
  await says(inside.getByTestId('then'), /^Ada 0\.Ada 1\.Bob 0\.$/)
})
