// Browser profiles for the people of a test. A profile costs a renderer process and the compilation of a
// script, which takes half a second of processor time. So a test returns its profiles, and the next test
// reuses them after they are emptied.
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, inject } from 'vitest'
import { launchBrowser } from '../harness/browser.ts'

interface Profile {
  readonly kind: string
  readonly options: BrowserContextOptions
  readonly context: BrowserContext
  /** Set while the first page of the profile shows no document. */
  spare: Page | null
}

export interface Profiles {
  /**
   * Takes a profile that no other person uses in this test. A name means the same person in every test
   * of the file.
   */
  take(name: string, options?: BrowserContextOptions): Promise<BrowserContext>
  /** Opens a page of a profile, with the listeners that `prepare` adds. */
  openPage(context: BrowserContext, prepare?: (page: Page) => void): Promise<Page>
}

/** Call this at the top of a file. */
export function useProfiles(): Profiles {
  let browser: Browser
  const taken: Profile[] = []
  const free: Profile[] = []
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())
  afterEach(async () => {
    const given = await Promise.all(
      taken.splice(0).map(async (each) => (await emptied(each)) && each),
    )
    free.push(...given.filter((each) => each !== false))
  })
  return {
    async take(name, options = {}) {
      const kind = JSON.stringify([name, options])
      const index = free.findIndex((each) => each.kind === kind)
      const [known] = index === -1 ? [] : free.splice(index, 1)
      const profile = known ?? {
        kind,
        options,
        context: await newContext(browser, name, options),
        spare: null,
      }
      taken.push(profile)
      return profile.context
    },
    async openPage(context, prepare = () => {}) {
      const profile = taken.find((each) => each.context === context)
      const { spare = null } = profile ?? {}
      if (profile !== undefined) profile.spare = null
      if (spare !== null) return spare
      const page = await context.newPage()
      // A page with unsaved edits asks before it is left.
      page.on('dialog', (dialog) => void dialog.accept())
      prepare(page)
      return page
    },
  }
}

/**
 * Creates a profile for a person named `name`. The service worker, a process that loads the whole
 * page once more, runs only if a test sets `serviceWorkers: 'allow'`.
 */
async function newContext(
  browser: Browser,
  name: string,
  options: BrowserContextOptions,
): Promise<BrowserContext> {
  const viewport = { width: 1180, height: 720 }
  const context = await browser.newContext({ viewport, serviceWorkers: 'block', ...options })
  const color = name === 'Ada' ? '#027c7c' : '#bd3f7a'
  const person = JSON.stringify({ id: name, name, color })
  await context.addInitScript(`localStorage['y-electric:person'] ??= ${JSON.stringify(person)}`)
  return context
}

/**
 * Leaves the documents, and deletes everything that the profile stored, its network faults and its
 * name.
 * @returns false if the profile was closed instead, because not everything that a service worker stores
 * can be deleted
 */
async function emptied(profile: Profile): Promise<boolean> {
  const { context, options } = profile
  const [first, ...others] = context.pages()
  if (first === undefined || options.serviceWorkers === 'allow') {
    await context.close()
    return false
  }
  await Promise.all(others.map((page) => page.close()))
  await Promise.all([context.unrouteAll(), first.unrouteAll(), context.setOffline(false)])
  await first.emulateMedia({ colorScheme: options.colorScheme ?? null })
  // A file of the editor's origin, without a script.
  const origin = inject('editorUrl')
  await first.goto(`${origin}/favicon.svg`)
  const devtools = await context.newCDPSession(first)
  await devtools.send('Storage.clearDataForOrigin', {
    origin: new URL(origin).origin,
    storageTypes: 'local_storage,indexeddb',
  })
  await devtools.detach()
  await first.evaluate('sessionStorage.clear()')
  profile.spare = first
  return true
}
