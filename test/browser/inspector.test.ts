// The inspector beside the editor: it shows every change row by row.
import { expect, test } from 'vitest'
import { docPath } from 'y-electric/protocol'
import { isDeep } from '../harness/deep.ts'
import { eventually } from './eventually.ts'
import { contact, patience, screenshotFromTop, type, useInspection } from './inspection.ts'

const inspection = useInspection()
const { api, drawsWhatIsStored, editorUrl, fold, openEditor, openInspector, roll, writeRows } =
  inspection
/** Options for tests of animations. */
const moving = { reducedMotion: 'no-preference' } as const

test('rows appear as they are written, a roll seals them and a fold replaces them by one', {
  skip: !isDeep,
}, async () => {
  const inside = await openInspector(moving)
  await inside.getByText('Nothing is stored under this id yet.').waitFor()
  const ada = await openEditor(moving)
  await inside.getByTestId('present').getByText('Ada').waitFor()
  await type(ada, 'The lighthouse')
  await drawsWhatIsStored(inside)
  await eventually(async () => expect(await inside.textContent('h1')).toBe('The lighthouse'))
  const written = inside.locator('.news tbody tr', { hasText: 'Ada' })
  expect(await written.first().textContent()).toMatch(/\+\d+ letters?, “.*”/)
  expect(await inside.getByTestId('writers').textContent()).toContain('Ada100 %')

  await writeRows(30)
  await drawsWhatIsStored(inside)
  await screenshotFromTop(inside, 'inspector-rows')
  await roll()
  await drawsWhatIsStored(inside)
  await inside
    .getByText(/Segment 0 was sealed with \d+ rows/)
    .first()
    .waitFor()
  await type(ada, ' at the point')
  await drawsWhatIsStored(inside)
  await screenshotFromTop(inside, 'inspector-sealed')

  await fold()
  await inside.locator('.log-segment[data-state=folding]').waitFor()
  await drawsWhatIsStored(inside)
  await inside
    .getByText(/\d+ rows folded into one snapshot row/)
    .first()
    .waitFor()
  await inside.locator('[data-testid=sizes][data-turns="1"]').waitFor()
  await inside.getByText('The folds in numbers').click()
  expect(await inside.locator('.sizes-table tbody tr').count()).toBe(1)
  await screenshotFromTop(inside, 'inspector-folded')

  // An inspector that opens now shows the same.
  await drawsWhatIsStored(await openInspector(moving))
  expect(await inside.getByTestId('present').textContent()).toContain('Ada')
  await ada.goto(editorUrl)
  await inside.getByText('Nobody. Others cannot see you here').waitFor()
  expect(inspection.consoleErrors).toEqual([])
})

test('a version is kept, compared word by word, and restored on every screen', async () => {
  const [inside, ada] = await Promise.all([openInspector(), openEditor()])
  await type(ada, 'We met on the rocks at low tide.')
  await inside.getByLabel('Keep the current content as').fill('First draft')
  await inside.getByRole('button', { name: 'Keep', exact: true }).click()
  const draft = inside.locator('.version', { hasText: /^First draft/ })
  await draft.waitFor()

  await ada.keyboard.press('Control+Home')
  for (let i = 0; i < 3; i++) await ada.keyboard.press('Control+Shift+ArrowRight')
  await ada.keyboard.type('Nobody stood on ')
  await type(ada, ' Again.')
  await draft.getByRole('button', { name: /^Compare/ }).click()
  const difference = inside.getByTestId('difference')
  await eventually(async () => {
    const [removed, added] = await Promise.all(
      ['del', 'ins'].map(async (kind) =>
        (await difference.locator(kind).allTextContents()).join('|'),
      ),
    )
    expect(removed).toContain('met')
    expect(added).toMatch(/Nobody.*stood.*Again/)
  }, patience)
  // Later edits are compared too.
  await type(ada, ' And again.')
  await difference.locator('ins', { hasText: 'And again' }).waitFor()
  await inside.getByTestId('versions').scrollIntoViewIfNeeded()
  await screenshotFromTop(inside, 'inspector-difference')

  await draft.getByRole('button', { name: /^Read/ }).click()
  await draft.locator('.content-text', { hasText: 'We met on the rocks at low tide.' }).waitFor()
  await draft.getByRole('button', { name: /^Restore/ }).click()
  await inside.getByRole('button', { name: 'Yes, restore it' }).click()
  await eventually(
    async () => expect(await ada.textContent('.prose')).toBe('We met on the rocks at low tide.'),
    patience,
  )
  await inside.getByText(/Restored as row \d+\./).waitFor()
  const before = inside.locator('.version', { hasText: /before/i })
  await before.getByRole('button', { name: /^Read/ }).click()
  await before.locator('.content-text', { hasText: 'Nobody stood' }).waitFor()
  await drawsWhatIsStored(inside)

  await draft.getByRole('button', { name: /^Rename/ }).click()
  await inside.getByLabel('Name of First draft').fill('The first words')
  await inside.keyboard.press('Enter')
  await inside.locator('.version', { hasText: 'The first words' }).waitFor()
  expect(inspection.consoleErrors).toEqual([])
})

test('restoring a version with the content of now says that nothing was written', {
  skip: !isDeep,
}, async () => {
  const inside = await openInspector()
  await writeRows(2)
  await inside.getByLabel('Keep the current content as').fill('Same')
  await inside.getByRole('button', { name: 'Keep', exact: true }).click()
  const same = inside.locator('.version', { hasText: /^Same/ })
  await same.getByRole('button', { name: /^Restore/ }).click()
  await inside.getByRole('button', { name: 'Yes, restore it' }).click()
  const note = inside.locator('.version-restored')
  await note.waitFor()
  expect(await note.textContent()).toBe(
    'The document already has the content of that version, so nothing was written.',
  )
  expect(await inside.locator('.version').count()).toBe(1)
  expect(inspection.consoleErrors).toEqual([])
})

test('the content is shown as a tree and as text, and follows changes', {
  skip: !isDeep,
}, async () => {
  const inside = await openInspector()
  await writeRows(3, 'Line')
  const content = inside.getByTestId('content')
  await content.locator('.tree-detail', { hasText: '“Line 2.”' }).waitFor()
  const summaries = content.locator('summary')
  await summaries.first().focus()
  await inside.keyboard.press('Enter')
  await eventually(async () => expect(await summaries.count()).toBe(1))
  for (const format of ['Text', 'Markdown', 'HTML', 'JSON']) {
    await inside.getByText(format, { exact: true }).click()
    await content.locator('.content-text', { hasText: 'Line 2.' }).waitFor()
  }
  await inside.getByText('Text', { exact: true }).click()
  await writeRows(1, 'Later')
  await content.locator('.content-text', { hasText: 'Later 0.' }).waitFor()
  expect(inspection.consoleErrors).toEqual([])
})

test('without a server the inspector says so, and it continues when the server is back', {
  skip: !isDeep,
}, async () => {
  const inside = await openInspector()
  await writeRows(2)
  await drawsWhatIsStored(inside)
  await inside.context().setOffline(true)
  await contact(inside, 'Offline: showing what was last read')
  await writeRows(2, 'Meanwhile')
  expect(await inside.locator('.tick').count()).toBe(2)
  await inside.context().setOffline(false)
  await contact(inside, 'Live')
  await drawsWhatIsStored(inside)
})

test('only the visible part of a large document is drawn', { skip: !isDeep }, async () => {
  await writeRows(250)
  const inside = await openInspector()
  await inside.getByText('10 earlier rows').waitFor()
  expect(await inside.locator('.tick').count()).toBe(240)
  await inside.getByTestId('content').locator('summary').first().click()
  expect(await inside.getByTestId('content').locator('li').count()).toBeLessThan(60)
  await inside.getByRole('button', { name: '200 more' }).click()
  await inside.getByTestId('content').locator('summary').nth(230).waitFor()
})

test('a document that is deleted while it is inspected is no longer shown', {
  skip: !isDeep,
}, async () => {
  const inside = await openInspector()
  await writeRows(2, 'Secret')
  await drawsWhatIsStored(inside)
  expect((await api(docPath(inspection.docId), { method: 'DELETE' })).status).toBe(200)
  await inside.getByRole('heading', { name: 'This document was deleted' }).waitFor()
  expect(await inside.textContent('body')).not.toContain('Secret')
})
