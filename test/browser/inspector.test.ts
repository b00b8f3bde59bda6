// The inspector beside the editor: what is done there is seen here, row by row.
import { expect, test } from 'vitest'
import { docPath } from 'y-electric/protocol'
import { eventually } from './eventually.ts'
import { contact, patience, screenshotFromTop, type, useInspection } from './inspection.ts'

const inspection = useInspection()
const { api, drawsWhatIsStored, editorUrl, fold, openEditor, openInspector, roll, writeRows } =
  inspection
/** For what is drawn with motion. */
const moving = { reducedMotion: 'no-preference' } as const

test('rows arrive as they are written, a roll seals them and a fold makes one of them', async () => {
  const inside = await openInspector(moving)
  await inside.getByText('Nothing is stored under this name yet.').waitFor()
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
  await inside.getByText('The numbers').click()
  expect(await inside.locator('.sizes-table tbody tr').count()).toBe(1)
  await screenshotFromTop(inside, 'inspector-folded')

  // Somebody who comes now sees the same.
  await drawsWhatIsStored(await openInspector(moving))
  expect(await inside.getByTestId('present').textContent()).toContain('Ada')
  await ada.goto(editorUrl)
  await inside.getByText('Nobody. You look on unseen').waitFor()
  expect(inspection.complaints).toEqual([])
})

test('a version is kept, compared word by word, and brought back on every screen', async () => {
  const [inside, ada] = await Promise.all([openInspector(), openEditor()])
  await type(ada, 'We met on the rocks at low tide.')
  await inside.getByLabel('Keep what is there now as').fill('First draft')
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
  // What is typed meanwhile is compared too.
  await type(ada, ' And again.')
  await difference.locator('ins', { hasText: 'And again' }).waitFor()
  await inside.getByTestId('versions').scrollIntoViewIfNeeded()
  await screenshotFromTop(inside, 'inspector-difference')

  await draft.getByRole('button', { name: /^Read/ }).click()
  await draft.locator('.content-text', { hasText: 'We met on the rocks at low tide.' }).waitFor()
  await draft.getByRole('button', { name: /^Bring back/ }).click()
  await inside.getByRole('button', { name: 'Yes, bring it back' }).click()
  await eventually(
    async () => expect(await ada.textContent('.prose')).toBe('We met on the rocks at low tide.'),
    patience,
  )
  await inside.getByText(/Brought back, as row \d+\./).waitFor()
  const before = inside.locator('.version', { hasText: /before/i })
  await before.getByRole('button', { name: /^Read/ }).click()
  await before.locator('.content-text', { hasText: 'Nobody stood' }).waitFor()
  await drawsWhatIsStored(inside)

  await draft.getByRole('button', { name: /^Rename/ }).click()
  await inside.getByLabel('Name of First draft').fill('The first words')
  await inside.keyboard.press('Enter')
  await inside.locator('.version', { hasText: 'The first words' }).waitFor()
  expect(inspection.complaints).toEqual([])
})

test('the content is shown as a tree and in words, and follows', async () => {
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
  expect(inspection.complaints).toEqual([])
})

test('without a server it says so, and goes on where it was', async () => {
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

test('only the visible part of a large document is drawn', async () => {
  await writeRows(250)
  const inside = await openInspector()
  await inside.getByText('10 earlier rows').waitFor()
  expect(await inside.locator('.tick').count()).toBe(240)
  await inside.getByTestId('content').locator('summary').first().click()
  expect(await inside.getByTestId('content').locator('li').count()).toBeLessThan(60)
  await inside.getByRole('button', { name: '200 more' }).click()
  await inside.getByTestId('content').locator('summary').nth(230).waitFor()
})

test('a document that is deleted while one looks at it is not shown any more', async () => {
  const inside = await openInspector()
  await writeRows(2, 'Secret')
  await drawsWhatIsStored(inside)
  expect((await api(docPath(inspection.docId), { method: 'DELETE' })).status).toBe(200)
  await inside.getByRole('heading', { name: 'This document was deleted' }).waitFor()
  expect(await inside.textContent('body')).not.toContain('Secret')
})
