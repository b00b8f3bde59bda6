// Word files (.docx), imported on the page of all documents.
import { expect, test } from 'vitest'
import { takeScreenshot } from '../harness/browser.ts'
import { isDeep } from '../harness/deep.ts'
import { barriers } from './barriers.ts'
import { wordFile } from './docx.ts'
import { eventually } from './eventually.ts'
import { patience, useVisitors } from './visitors.ts'

const people = useVisitors()

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'

test('a Word file is imported with its picture, and what it loses is named', {
  skip: !isDeep,
}, async () => {
  const page = await (await people.profileOf('Ada')).newPage()
  await page.goto(people.url)
  const loaded: string[] = []
  page.on('request', (request) => loaded.push(request.url()))
  const buffer = await wordFile()
  const choose = page.getByLabel('Files to import')
  await choose.setInputFiles({ name: 'log.docx', mimeType: WORD, buffer })
  const said = page.locator('.home-said')
  await eventually(
    async () =>
      expect(await said.textContent()).toBe(
        '“log.docx” is imported. Not kept: 1 × structure style “Epigraph”, 1 × node header.',
      ),
    patience,
  )
  expect(loaded.some((url) => /importDocx/.test(url))).toBe(true)
  expect(await barriers(page)).toEqual([])
  await takeScreenshot(page, 'docx-losses')
  await page
    .getByRole('link', { name: /^The keeper’s log/ })
    .first()
    .click()
  const prose = page.locator('.prose')
  await prose.getByRole('heading', { name: 'The keeper’s log' }).waitFor()
  expect(await prose.locator('strong u, u strong').textContent()).toBe('Trimmed')
  expect(await prose.locator('td').allTextContents()).toEqual(['Night', 'Ships', '1', '3'])
  const image = prose.locator('.image img')
  expect(await image.getAttribute('alt')).toBe('A lamp')
  await eventually(
    async () =>
      expect(await image.evaluate((one) => (one as HTMLImageElement).naturalWidth)).toBe(24),
    patience,
  )
})

test('a dropped file that only its name calls a Word file is refused with the reason', {
  skip: !isDeep,
}, async () => {
  const page = await (await people.profileOf('Ada')).newPage()
  await page.goto(people.url)
  const dropped = await page.evaluateHandle((type) => {
    const files = new DataTransfer()
    files.items.add(new File(['a log'], 'log.docx', { type }))
    return files
  }, WORD)
  await page.getByRole('main').dispatchEvent('drop', { dataTransfer: dropped })
  await page
    .getByText('“log.docx” is not imported: It is damaged, or no Word file (.docx).')
    .waitFor()
})
