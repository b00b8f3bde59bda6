// The cards of the kanban example, moved by two people in Chromium. Deep, because it installs the app:
//   Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/examples/kanban
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../browser/eventually.ts'
import { freshDocId } from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { INSTALL_MS, usePackedApps } from '../harness/packedApps.ts'
import { EXAMPLES } from './editors.ts'
import { installExample, type RunningExample, runExample } from './installed.ts'
import { openAs, showsStatus } from './people.ts'

type Board = Readonly<Record<string, readonly string[]>>

describe.runIf(isDeep)('the cards of the kanban example', () => {
  const apps = usePackedApps()
  let running: RunningExample

  beforeAll(async () => {
    const app = await installExample('kanban', apps.folder, apps.tarballs)
    running = await runExample(app, 'npm start')
  }, INSTALL_MS)
  afterAll(() => running?.command.end())

  test.each<[way: string, move: typeof dragAndDrop]>([
    ['the mouse', dragAndDrop],
    ['the keyboard', pressArrows],
  ])('are moved between columns and within one with %s, for everyone', async (_, move) => {
    const docId = freshDocId('kanban')
    const kanban = EXAMPLES.find(({ name }) => name === 'kanban')
    if (kanban === undefined) throw new Error('there is no example kanban')
    const open = (name: string) =>
      openAs(name, apps.browser, `${running.url}/?doc=${docId}`, kanban)
    const [ada, bob] = [await open('Ada'), await open('Bob')]
    const bothShow = (board: Board): Promise<void> =>
      eventually(async () => {
        for (const page of [ada, bob]) expect(await boardOf(page)).toEqual(board)
      })
    for (const title of ['Apple', 'Berry', 'Cherry']) await kanban.type(ada, title)
    await bothShow({ 'To do': ['Apple', 'Berry', 'Cherry'], Doing: [], Done: [] })

    await move(ada, 'Berry', { column: 'Doing' })
    await bothShow({ 'To do': ['Apple', 'Cherry'], Doing: ['Berry'], Done: [] })
    await move(bob, 'Apple', { column: 'Doing' })
    await bothShow({ 'To do': ['Cherry'], Doing: ['Berry', 'Apple'], Done: [] })
    await move(bob, 'Apple', { before: 'Berry' })
    await bothShow({ 'To do': ['Cherry'], Doing: ['Apple', 'Berry'], Done: [] })

    await bob.keyboard.press('Control+z')
    await bothShow({ 'To do': ['Cherry'], Doing: ['Berry', 'Apple'], Done: [] })
    for (const page of [ada, bob]) await showsStatus(page, 'Saved')
    await Promise.all([ada, bob].map((page) => page.context().close()))
  })
})

/** The end of the next column, or the place of the card above. */
type Target = { readonly column: string } | { readonly before: string }

async function dragAndDrop(page: Page, title: string, target: Target): Promise<void> {
  const place =
    'column' in target
      ? page.locator(`section[data-column="${target.column}"] h2`)
      : await cardWith(page, target.before)
  await handleOf(await cardWith(page, title)).dragTo(place)
}

async function pressArrows(page: Page, title: string, target: Target): Promise<void> {
  await handleOf(await cardWith(page, title)).focus()
  await page.keyboard.press('column' in target ? 'ArrowRight' : 'ArrowUp')
  // So that the next key moves the card further.
  expect(await page.evaluate(titleOfFocus)).toBe(title)
}

const titleOfFocus = (): string | undefined =>
  document.activeElement?.closest('li')?.querySelector('input')?.value

const handleOf = (card: Locator): Locator => card.getByRole('button', { name: 'Move' })

/** The title is the value of a field, which no selector finds. */
async function cardWith(page: Page, title: string): Promise<Locator> {
  const titles = await page
    .locator('li[data-id] input')
    .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value))
  expect(titles).toContain(title)
  return page.locator('li[data-id]').nth(titles.indexOf(title))
}

const boardOf = (page: Page): Promise<Board> =>
  page.locator('section[data-column]').evaluateAll((sections) =>
    Object.fromEntries(
      sections.map((section) => {
        const titles = section.querySelectorAll<HTMLInputElement>('li input')
        return [section.getAttribute('data-column'), [...titles].map(({ value }) => value)]
      }),
    ),
  )
