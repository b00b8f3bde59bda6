// Checks README.md and the pages of docs/: snippets and names have the right types, and numbers equal values that
// the code defines.
import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { DEFAULT_LIMITS } from '@y-electric/server'
import { expect, test } from 'vitest'
import { MAX_UPDATE_BYTES } from 'y-electric'
import { ERROR_STATUS } from 'y-electric/protocol'
import { GUIDES } from '../guides/guide.ts'
import { serverScript } from '../harness/serverProcess.ts'
import { FRAMEWORKS } from '../servers/frameworks.ts'
import { filesOfSection, snippets as serverSnippets } from '../servers/page.ts'
import {
  docs,
  docsPage,
  namesIn,
  packagePages,
  prose,
  readme,
  root,
  snippetOf,
  tableRowsIn,
  testingSnippets,
} from './readme.ts'
import { checkTypes, openSnippetFolder } from './snippets.ts'

/** The rows of all tables of the guide. */
const tableRows = tableRowsIn(prose)

const unionOf = (names: readonly string[]) => names.map((name) => `'${name}'`).join(' | ')

/** The cell to the right of the cell with `name`. */
const besides = (name: string): string =>
  tableRows.find(([cell]) => namesIn(cell ?? '').includes(name))?.[1] ?? ''

const paragraphOf = (beginning: string, text = prose): string =>
  text.split('\n\n').find((paragraph) => paragraph.startsWith(beginning)) ?? ''

/** Nuxt imports these by itself. */
const NUXT_GLOBALS = `declare function fromWebHandler(handle: (request: Request) => unknown): unknown
declare function defineNuxtConfig(config: object): unknown
`

test('snippets and named things have the types that the guide gives them', async () => {
  const folder = await openSnippetFolder()
  try {
    await folder.write('testing.ts', testingSnippets())
    for (const [name, content] of serverSnippets) {
      const globals =
        name === 'deno' ? 'declare const Deno: { serve(...given: unknown[]): void }\n' : ''
      await folder.write(`servers/${name}.ts`, globals + content)
    }
    for (const { name } of FRAMEWORKS) {
      for (const [file, content] of Object.entries(filesOfSection(name))) {
        const globals = name === 'Nuxt' ? NUXT_GLOBALS : ''
        await folder.write(`servers/${name}/${file}`, globals + content)
      }
    }
    for (const page of [readme, ...docs, ...Object.values(packagePages)]) {
      if (page.file === 'docs/testing.md' || page.file === 'docs/servers.md') continue
      const name = page.file.replaceAll('/', '-').replace('.md', '')
      const pragma = page.file === 'docs/solid.md' ? '/** @jsxImportSource solid-js */\n' : ''
      const snippets = page.blocks.filter(({ language }) => /^tsx?$/.test(language))
      for (const [index, { language, content }] of snippets.entries()) {
        await folder.write(`${name}-${index}.${language}`, pragma + content)
      }
    }
    // Text in parentheses explains the option before them.
    const options = namesIn(paragraphOf('Options:').replace(/\((?:[^()]|\(\))*\)/g, ''))
    const members = tableRows.flatMap(([cell = '']) =>
      namesIn(cell).flatMap((name) => /^(?:provider\.)?(\w+)(?:\(\))?$/.exec(name)?.[1] ?? []),
    )
    const events = tableRows.flatMap(([cell = '']) => /event `(\w+)`/.exec(cell)?.[1] ?? [])
    const [, ...actions] = namesIn(
      paragraphOf('The server calls `authorize`', docsPage('authorization').prose).split('. ')[0] ??
        '',
    )
    expect([options.length > 5, members.length > 5, events.length > 3]).not.toContain(false)
    const inGuides = GUIDES.flatMap(({ names }) => names.flatMap(({ ours }) => ours))
    const ofProvider = inGuides.flatMap((name) => /^provider\.(\w+)/.exec(name)?.[1] ?? [])
    const others = inGuides.filter((name) => !name.startsWith('provider.'))
    expect([ofProvider.length > 5, others.length > 20]).not.toContain(false)
    await folder.write(
      'names.ts',
      `import type * as documents from '@y-electric/documents'
      import type * as server from '@y-electric/server'
      import type { Action } from '@y-electric/server'
      import type * as library from 'y-electric'
      import type { ServerErrorCode } from 'y-electric/protocol'
      type Same<A, B> = [A, B] extends [B, A] ? true : { readonly only: Exclude<A, B> | Exclude<B, A> }
      type Has<A, B extends A> = B extends A ? true : never
      type Shown = 'url' | 'docId' | 'doc'
      // An option for tests that pass their own clock, network and locks.
      type Internal = 'platform'
      export const options: Same<Exclude<keyof library.ElectricProviderOptions, Internal>, Shown | ${unionOf(options)}> = true
      export const statuses: Same<library.ProviderStatus, ${unionOf(namesIn(besides('provider.status')))}> = true
      export const errors: Same<Exclude<library.ProviderErrorCode, ServerErrorCode>, ${unionOf(namesIn(besides('provider.error')))}> = true
      export const actions: Same<Action, ${unionOf(actions)}> = true
      export const events: Has<keyof library.ElectricProviderEvents, ${unionOf(events)}> = true
      export const members: Has<keyof library.ElectricProvider, ${unionOf(providerMembers(members))}> = true
      // The guides for people who come from another provider.
      type Named =
        | keyof typeof library | keyof library.ElectricProviderOptions | keyof library.ElectricProviderEvents
        | library.ProviderStatus | keyof typeof server | keyof server.AppOptions | Action
        | Extract<server.Decision, string> | keyof typeof documents
      export const ofGuides: Has<Named, ${unionOf(others.map((name) => name.replace('()', '')))}> = true
      export const membersOfGuides: Has<keyof library.ElectricProvider, ${unionOf(ofProvider)}> = true
      `,
    )
    expect(await checkTypes(folder)).toBe('')
  } finally {
    await folder.remove()
  }
})

/** Removes names in tables that are not members of the provider: environment settings and folders. */
const providerMembers = (names: readonly string[]) =>
  names.filter((name) => /^[a-z]/.test(name) && !OTHER_FOLDERS.test(name))

const OTHER_FOLDERS = /^(examples|test|tools)$/

test('the folders that the README names exist', async () => {
  const folders = tableRowsIn(readme.prose).flatMap(([cell = '']) =>
    namesIn(cell).filter((name) => /^(packages|apps)\//.test(name) || OTHER_FOLDERS.test(name)),
  )
  expect(folders.length).toBeGreaterThan(4)
  for (const folder of folders) await access(path.join(root, folder))
})

test('the documented settings are those that the server lists', async () => {
  const pages = await Promise.all(
    [['--help'], ['serve', '--help']].map((args) =>
      promisify(execFile)(process.execPath, [serverScript, ...args]),
    ),
  )
  const help = pages.map(({ stdout }) => stdout).join('\n')
  const names = namesIn(prose).filter((name) => /^[A-Z][A-Z_]+$/.test(name))
  expect(names).toContain('DATABASE_URL')
  for (const name of names) expect(help).toContain(name)
  expect(help).toContain('PORT (4000)')
})

test('the documented defaults equal those of the code', () => {
  const mebibyte = 2 ** 20
  const known: Readonly<Record<string, boolean>> = {
    '1 MiB': MAX_UPDATE_BYTES === mebibyte && DEFAULT_LIMITS.maxUpdateBytes === mebibyte,
    '30 s': DEFAULT_LIMITS.reauthorizeMs === 30_000,
    '64 MiB': DEFAULT_LIMITS.maxSnapshotBytes === 64 * mebibyte,
    // These are an exit code and an example.
    '1': true,
    '5': true,
    // These are the address, which the test above compares, and HTTP statuses.
    '127.0.0.1:4000': true,
    '2xx': true,
    '200': true,
    '401': true,
    '503': true,
    '500': ERROR_STATUS.body_consumed === 500,
    // These are final refusals.
    '400': true,
    '403': true,
    '413': true,
  }
  const numbers = prose
    // Excludes numbers of lists, in ids of rules, in names and in link targets.
    .replace(/^\d+\. /gm, '')
    .replace(/\b[A-Z]+-\d+\b/g, '')
    .replace(/\]\([^)]*\)/g, ']')
    .matchAll(
      /(?<![\w.])\d[\w.,:]*(?:\s(?:[KMGT]i?B|ms|s|seconds|minutes|hours|times|characters)\b)?/g,
    )
  const said = [...new Set([...numbers].map(([number]) => number.replace(/[.,:]$/, '')))]
  expect(said.sort()).toEqual(Object.keys(known).sort())
  for (const [number, isTrue] of Object.entries(known)) expect(isTrue, number).toBe(true)
})

test('the snippets have at most the promised number of lines', () => {
  const lines = (heading: string) =>
    snippetOf(readme, heading)
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('import'))
  expect(lines('Use it in TipTap').length).toBeLessThanOrEqual(10)
  expect(lines('Serve it from your own app').length).toBeLessThanOrEqual(15)
})
