// Browser profiles for the people of a test. A profile is a renderer process and a script to compile, half a second
// of a processor, so that a test gives back what it took and the next one takes it again, emptied.
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, inject } from 'vitest'
import { launchBrowser } from '../harness/browser.ts'

interface Profile {
  readonly kind: string
  readonly options: BrowserContextOptions
  readonly context: BrowserContext
  /** Set while the first page of the profile is on no document. */
  spare: Page | null
}

export interface Profiles {
  /** A profile that nobody else has in this test. A name stands for the same person in every test of the file. */
  take(name: string, options?: BrowserContextOptions): Promise<BrowserContext>
  /** A page of a profile, with the listeners that `prepare` adds. */
  openPage(context: BrowserContext, prepare?: (page: Page) => void): Promise<Page>
}

/** Call it at the top of a file. */
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
 * A profile whose person is called `name` from the start. The service worker, a process that loads the whole page
 * once more, runs only where a test says `serviceWorkers: 'allow'`.
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
 * Leaves the documents and forgets what the profile kept of them, its network's faults and its name.
 * @returns false if the profile is closed instead: one with a service worker keeps more than this reaches.
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
