// How a test uses the page of each example: a person of the test types, reads, and sees the others.
import type { Page } from 'playwright-core'

export interface Example {
  /** The folder below examples/. */
  readonly name: string
  /** The element that takes the keys. */
  readonly editable: string
  /** The names beside the carets of others. Null if the app has no carets. */
  readonly names: ((page: Page) => Promise<string>) | null
  /** Puts a text at the end as one edit. */
  insert(page: Page, text: string): Promise<void>
  /** Puts a text behind the one that this person has put in last, as one edit. */
  goOn(page: Page, text: string): Promise<void>
  /** Presses a key for each letter, at the end. */
  type(page: Page, text: string): Promise<void>
  /** The whole text, without the carets of others. */
  read(page: Page): Promise<string>
}

async function goToEnd(page: Page, editable: string): Promise<void> {
  await page.locator(editable).click()
  await page.keyboard.press('Control+End')
}

const namesIn = (caret: string) => async (page: Page) =>
  (await page.locator(caret).allTextContents()).join()

/** @param caret the caret of another person, with the name */
const textEditor = (name: string, editable: string, caret: string): Example => ({
  name,
  editable,
  names: namesIn(caret),
  async insert(page, text) {
    await goToEnd(page, editable)
    await page.keyboard.insertText(text)
  },
  goOn: (page, text) => page.keyboard.insertText(text),
  async type(page, text) {
    await goToEnd(page, editable)
    await page.keyboard.type(text)
  },
  read: (page) =>
    page.locator(editable).evaluate((element, carets) => {
      const copy = element.cloneNode(true) as Element
      for (const one of copy.querySelectorAll(carets)) one.remove()
      return copy.textContent ?? ''
    }, caret),
})

/** Each text is a card. */
async function addCard(page: Page, text: string): Promise<void> {
  await page.locator('form input').first().fill(text)
  await page.keyboard.press('Enter')
}

const kanban: Example = {
  name: 'kanban',
  editable: 'form input',
  names: null,
  insert: addCard,
  goOn: addCard,
  async type(page, text) {
    await page.locator('form input').first().click()
    await page.keyboard.type(text)
    await page.keyboard.press('Enter')
  },
  read: (page) =>
    page
      .locator('li[data-id] input')
      .evaluateAll((titles) => titles.map((title) => (title as HTMLInputElement).value).join()),
}

/** Monaco shows spaces as no-break spaces, and the names are content of the style sheet. */
const monaco: Example = {
  ...textEditor('monaco', '.view-lines', '.yRemoteSelectionHead'),
  names: (page) =>
    page
      .locator('.yRemoteSelectionHead')
      .evaluateAll((carets) =>
        carets.map((one) => getComputedStyle(one, '::after').content).join(),
      ),
  read: async (page) =>
    ((await page.locator('.view-lines').textContent()) ?? '').replaceAll('\u00a0', ' '),
}

export const EXAMPLES: readonly Example[] = [
  textEditor('codemirror', '.cm-content', '.cm-ySelectionCaret'),
  textEditor('quill', '.ql-editor', '.ql-cursor'),
  kanban,
  textEditor('lexical', '#text', '#carets'),
  textEditor('blocknote', '.bn-editor', '.bn-collaboration-cursor__base'),
  textEditor('tiptap', '.tiptap', '.collaboration-carets__caret'),
  monaco,
]
