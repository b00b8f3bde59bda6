// The page of the inspector: its layout, the links to it, and its messages if the document cannot
// be shown.
import { expect, test } from 'vitest'
import { isDeep } from '../harness/deep.ts'
import { barriers } from './barriers.ts'
import { saved, screenshotFromTop, type, useInspection } from './inspection.ts'

const inspection = useInspection()
const { drawsWhatIsStored, editorUrl, fold, open, openEditor, openInspector, roll, writeRows } =
  inspection

test('on a phone and in both colour schemes, nothing overflows or hinders accessibility', {
  skip: !isDeep,
}, async () => {
  await writeRows(25, 'The keeper waved from the gallery, and the boats came in')
  await roll()
  await fold()
  await writeRows(3, 'After the storm')
  const phone = await openInspector({
    viewport: { width: 375, height: 720 },
    isMobile: true,
    hasTouch: true,
    deviceScaleFactor: 2,
    colorScheme: 'dark',
  })
  await drawsWhatIsStored(phone)
  await phone
    .locator('.version')
    .getByRole('button', { name: /^Compare/ })
    .tap()
  await phone
    .getByTestId('difference')
    .locator('ins', { hasText: 'After the storm' })
    .first()
    .waitFor()
  expect(await phone.evaluate('document.documentElement.scrollWidth')).toBe(375)
  await screenshotFromTop(phone, 'inspector-phone-dark')

  const [inside, editor] = await Promise.all([openInspector(), openEditor()])
  await inside
    .locator('.version')
    .getByRole('button', { name: /^Restore/ })
    .click()
  for (const colorScheme of ['light', 'dark'] as const) {
    await Promise.all([inside, editor].map((page) => page.emulateMedia({ colorScheme })))
    await screenshotFromTop(inside, `inspector-${colorScheme}`)
    expect(await barriers(inside)).toEqual([])
    expect(await barriers(editor)).toEqual([])
  }
  expect(await barriers(phone)).toEqual([])
  expect(inspection.consoleErrors).toEqual([])
})

test('a refusal is shown with its message and code', { skip: !isDeep }, async () => {
  const refusals = [
    [401, 'unauthenticated', 'Sign-in needed'],
    [403, 'forbidden', 'You may not inspect this document'],
    [404, 'not_found', 'There is no such document'],
    [410, 'deleted', 'This document was deleted'],
    [400, 'invalid_request', 'This document cannot be shown'],
  ] as const
  const page = await open('/')
  for (const [status, code, title] of refusals) {
    const json = { error: { code, message: 'the reason of the server' } }
    await page.route('**/state', (route) => route.fulfill({ status, json }), { times: 1 })
    await page.goto(`${editorUrl}/inspect/${inspection.docId}`)
    await page.getByRole('heading', { name: title }).waitFor()
    expect(await page.locator('.refused-code').textContent()).toBe(code)
  }
})

test('links lead from the document to the inspector and back', { skip: !isDeep }, async () => {
  const ada = await openEditor()
  await type(ada, 'Look inside.')
  await ada.getByRole('button', { name: 'Share' }).click()
  await ada.getByRole('link', { name: 'Look inside' }).click()
  await drawsWhatIsStored(ada)
  expect(new URL(ada.url()).pathname).toBe(`/inspect/${inspection.docId}`)
  await ada.getByRole('link', { name: 'Open the document' }).click()
  await saved(ada)
  expect(await ada.textContent('.prose')).toBe('Look inside.')
  expect(inspection.consoleErrors).toEqual([])

  await ada.goto(`${editorUrl}/nowhere`)
  await ada.getByRole('heading', { name: 'There is no page here' }).waitFor()
})
