// A page in this process: import it before a framework that looks for one. Each file that uses it has a process of
// its own (see `alone` in vitest.config.ts).
import { Window } from 'happy-dom'
import { afterAll } from 'vitest'

const page = new Window({ url: 'http://app.test/' })
Object.assign(globalThis, { window: page, document: page.document })
Object.defineProperty(globalThis, 'navigator', { value: page.navigator, configurable: true })
// The classes that Node lacks. Those that Node has stay, so that requests are real ones.
for (const name of Object.getOwnPropertyNames(page)) {
  if (/^[A-Z]/.test(name) && !(name in globalThis)) {
    Object.assign(globalThis, { [name]: Reflect.get(page, name) })
  }
}

afterAll(() => page.happyDOM.close())

/** Opens this address, against which relative URLs are resolved. */
export function goTo(url: string): void {
  page.happyDOM.setURL(url)
  Object.assign(globalThis, { location: page.location })
}

/** A new element in the page. */
export function addElement(): HTMLElement {
  const element = document.createElement('div')
  document.body.append(element)
  return element as unknown as HTMLElement
}
