// `guardCollaboration` in a real Chromium: no edit is lost silently, whatever another client writes
// and whatever throws in the editor.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { launchBrowser } from '../harness/browser.ts'
import { isDeep, someOf } from '../harness/deep.ts'
import type {} from './guardLab.ts'

let browser: Browser
let server: Server
let page: Page
const failures: string[] = []

beforeAll(async () => {
  const html = '<!doctype html><title>guard</title><script type=module src=/page.js></script>'
  server = createServer(({ url }, response) => {
    const isScript = url === '/page.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? inject('guardScripts')['page.js'] : html)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  browser = await launchBrowser()
  // All tests share one page, because a page costs a process, and the script half a second of a processor.
  page = await (await browser.newContext()).newPage()
  page.on('pageerror', (error) => failures.push(String(error)))
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await page.waitForFunction(() => typeof guardLab === 'object')
})
afterAll(async () => {
  await browser?.close()
  server?.closeAllConnections()
  server?.close()
})
afterEach(async () => {
  await page.evaluate(() => guardLab.closeAll())
  failures.length = 0
})

test('an editor is complete and saves, or reports that it has stopped, for any attribute of any type on any node or mark', {
  timeout: isDeep ? 900_000 : 120_000,
}, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const counted = await page.evaluate(
    ([numRuns, seed]) => guardLab.property(numRuns ?? 0, seed ?? 0),
    [isDeep ? 20_000 : 200, seed],
  )
  expect(counted.edited).toBeGreaterThan(20)
  expect(counted.stopped).toBeGreaterThan(20)
  expect(failures).toEqual([])
})

test('a link whose address is not a text stops editing, and earlier edits are saved', async () => {
  for (const href of [5, null, { a: 1 }, true, ['x']]) {
    const said = await page.evaluate((href) => {
      const { documentWithWriters, open, p, textIn } = guardLab
      const { doc, saved, plant } = documentWithWriters()
      const opened = open(doc)
      opened.type('Mine. ')
      plant((fragment) => fragment.insert(1, [p('Theirs.', { link: { href } }), p('After it.')]))
      const { editor, stops, errors } = opened
      const about = {
        isEditable: editor.isEditable,
        foreign: stops[0]?.foreign ?? [],
        error: stops[0]?.error ?? null,
        errors,
        shown: editor.getText(),
        saved: textIn(saved.getXmlFragment('default')),
      }
      opened.close()
      return about
    }, href)
    expect(said.saved).toMatch(/^Mine\. First\.Theirs\.After it\./)
    if (href === null) {
      // The link has no destination, and nothing throws.
      expect(said).toMatchObject({ isEditable: true, foreign: [], errors: [] })
      expect(said.shown).toContain('After it.')
    } else {
      expect(said).toMatchObject({
        isEditable: false,
        foreign: ['link that cannot be shown'],
        error: null,
        errors: ['the document has parts that this editor would lose: link that cannot be shown'],
      })
    }
  }
  expect(failures).toEqual([])
})

test('the guard works the same if the app handles no event or throws', async () => {
  const said = await page.evaluate(() => {
    const { documentWithWriters, open, el } = guardLab
    const { doc, plant, isSaved } = documentWithWriters()
    const [careless, other] = [open(doc, [], true), open(doc)]
    plant((fragment) => fragment.insert(0, [el('callout')]))
    careless.type('Lost? ')
    return [careless, other].map(({ editor, stops }) => [
      editor.isEditable,
      stops.length,
      isSaved(),
    ])
  })
  expect(said).toEqual([
    [false, 1, true],
    [false, 1, true],
  ])
  expect(failures).toEqual([])
})

test('when the foreign part is removed, the app is notified that a new editor can continue', async () => {
  const said = await page.evaluate(() => {
    const { documentWithWriters, open, el, textIn } = guardLab
    const { doc, saved, plant } = documentWithWriters()
    const first = open(doc)
    plant((fragment) => fragment.insert(0, [el('callout')]))
    const before = first.recovered
    plant((fragment) => fragment.delete(0, 1))
    const after = first.recovered
    first.type('Lost? ')
    first.close()
    const second = open(doc)
    second.type('On. ')
    return {
      before,
      after,
      isEditable: second.editor.isEditable,
      text: textIn(saved.getXmlFragment('default')),
    }
  })
  expect(said).toMatchObject({ before: 0, after: 1, isEditable: true })
  expect(said.text).toMatch(/^On\. First\./)
  expect(failures).toEqual([])
})

test.each([
  'used as it is',
  'configured again',
  'extended with a name',
  'extended with a plugin',
  'extended and configured again',
] as const)('a guarded extension that is %s guards the editor once', async (variant) => {
  const said = await page.evaluate((variant) => {
    const { documentWithWriters, open, el, textIn } = guardLab
    const { doc, saved, plant } = documentWithWriters()
    const opened = open(doc, [], false, variant)
    opened.type('Mine. ')
    plant((fragment) => fragment.insert(0, [el('callout')]))
    const guards = opened.editor.state.plugins.filter(
      ({ spec }) => spec.filterTransaction !== undefined && spec.props?.editable !== undefined,
    )
    const stopped = {
      guards: guards.length,
      stops: opened.stops.length,
      errors: opened.errors.length,
    }
    opened.type('Lost? ')
    plant((fragment) => fragment.delete(0, 1))
    return {
      ...stopped,
      recovered: opened.recovered,
      isEditable: opened.editor.isEditable,
      saved: textIn(saved.getXmlFragment('default')),
    }
  }, variant)
  expect(said).toMatchObject({ guards: 1, stops: 1, errors: 1, recovered: 1, isEditable: false })
  expect(said.saved).toMatch(/^Mine\. First\./)
  expect(failures).toEqual([])
})

describe('an exception', () => {
  const names = ['the state of a plugin', 'the view of a plugin', 'decorations']

  test.each(someOf([...names, 'a node view'], 2))(
    'in %s while a change of another client is shown stops editing and changes nothing',
    async (name) => {
      const said = await page.evaluate((name) => {
        const { documentWithWriters, open, faulty, p, el, textIn } = guardLab
        const { doc, saved, plant, isSaved } = documentWithWriters()
        const image = doc.getXmlFragment('default')
        if (name === 'a node view') {
          plant((fragment) => {
            const at = fragment.toArray().findIndex((each) => String(each).startsWith('<image'))
            fragment.delete(at, 1)
          })
        }
        const made = faulty[name]?.()
        const opened = open(doc, made === undefined ? [] : [made as never])
        opened.type('Mine. ')
        plant((fragment) =>
          fragment.push([name === 'a node view' ? el('image') : p('boom'), p('After it.')]),
        )
        const { editor, stops, errors } = opened
        opened.type('Lost? ')
        const about = {
          image: image.length > 0,
          isEditable: editor.isEditable,
          error: stops[0]?.error?.message ?? null,
          unsaved: stops[0]?.unsaved ?? null,
          errors,
          isSaved: isSaved(),
          text: textIn(saved.getXmlFragment('default')),
        }
        opened.close()
        return about
      }, name)
      expect(said.errors).toEqual([said.error])
      expect(said).toMatchObject({ isEditable: false, unsaved: null, isSaved: true })
      expect(said.error).toMatch(/failed$/)
      expect(said.text).toMatch(/^Mine\. First\..*After it\.$/)
      expect(failures).toEqual([])
    },
  )

  test.each(someOf(['reading what a browser typed', ...names], 2))(
    'in %s while a person types stops editing, and the text of that edit is reported',
    async (name) => {
      await page.evaluate((name) => {
        const { documentWithWriters, open, faulty } = guardLab
        const made = faulty[name]?.()
        const world = documentWithWriters()
        guardLab.current = {
          ...world,
          opened: open(world.doc, made === undefined ? [] : [made as never]),
        }
      }, name)
      await page.click('.tiptap p')
      await page.keyboard.press('Control+Home')
      await page.keyboard.type('Mine. boom, and more')
      const said = await page.evaluate(() => {
        const { opened, saved, isSaved } = guardLab.current as ReturnType<
          typeof guardLab.documentWithWriters
        > & {
          opened: ReturnType<typeof guardLab.open>
        }
        return {
          isEditable: opened.editor.isEditable,
          error: opened.stops[0]?.error?.message ?? null,
          unsaved: opened.stops[0]?.unsaved ?? null,
          isSaved: isSaved(),
          text: guardLab.textIn(saved.getXmlFragment('default')),
          shown: opened.editor.view.dom.textContent,
        }
      })
      expect(said).toMatchObject({ isEditable: false, isSaved: true })
      expect(said.error).toMatch(/failed$/)
      // The document contains every key except the failed one, and nothing typed after it.
      expect(said.text).toMatch(/^Mine\. boom?First\./)
      expect(said.shown).not.toContain('and more')
      if (!said.text.includes('boom')) expect(said.unsaved).toContain('Mine. boom')
      expect(failures).toEqual([])
    },
  )

  test('when the document is opened leaves the document unchanged', async () => {
    const said = await page.evaluate(() => {
      const { documentWithWriters, open, faulty } = guardLab
      const { doc, isSaved } = documentWithWriters()
      const made = faulty['a node view']?.()
      const opened = open(doc, made === undefined ? [] : [made as never])
      opened.type('Lost? ')
      return {
        isEditable: opened.editor.isEditable,
        error: opened.stops[0]?.error?.message,
        isSaved: isSaved(),
      }
    })
    expect(said).toEqual({ isEditable: false, error: 'the node view failed', isSaved: true })
    expect(failures).toEqual([])
  })
})

describe('after a plugin was registered, as menus do it', () => {
  test('an exception stops editing, and the text of the edit is reported', async () => {
    const said = await page.evaluate(() => {
      const { documentWithWriters, open, faulty, pluginOfMenu, textIn } = guardLab
      const { doc, saved, isSaved } = documentWithWriters()
      const made = faulty['the state of a plugin']?.()
      const { editor, stops, type } = open(doc, [made as never])
      editor.registerPlugin(pluginOfMenu())
      editor.registerPlugin(pluginOfMenu())
      type('Mine. ')
      type('boom ')
      type('Lost? ')
      return {
        isEditable: editor.isEditable,
        stops: stops.map(({ error, unsaved }) => [error?.message, unsaved]),
        isSaved: isSaved(),
        text: textIn(saved.getXmlFragment('default')),
      }
    })
    expect(said).toMatchObject({
      isEditable: false,
      isSaved: true,
      stops: [['the plugin failed', expect.stringContaining('boom Mine. ')]],
    })
    expect(said.text).toMatch(/^Mine\. First\./)
    expect(failures).toEqual([])
  })

  test('an editor stops before it receives content that it would delete', async () => {
    const said = await page.evaluate(() => {
      const { documentWithWriters, open, el, pluginOfMenu } = guardLab
      const { doc, plant, isSaved } = documentWithWriters()
      const { editor, stops, type } = open(doc)
      editor.registerPlugin(pluginOfMenu())
      type('Mine. ')
      plant((fragment) => fragment.insert(0, [el('callout')]))
      type('Lost? ')
      return [editor.isEditable, stops.map(({ foreign }) => foreign), isSaved()]
    })
    expect(said).toEqual([false, [['callout']], true])
  })

  test('a destroyed editor leaves no observer on the document', async () => {
    const said = await page.evaluate(() => {
      const { documentWithWriters, open, pluginOfMenu } = guardLab
      const { doc } = documentWithWriters()
      const listeners = () =>
        [...doc._observers.values()].reduce((sum, { size }) => sum + size, 0) +
        doc.getXmlFragment('default')._dEH.l.length
      const before = listeners()
      const opened = open(doc)
      opened.editor.registerPlugin(pluginOfMenu())
      const between = listeners()
      opened.close()
      return { before, between, after: listeners() }
    })
    expect(said.between).toBeGreaterThan(said.before)
    expect(said.after).toBe(said.before)
  })
})
