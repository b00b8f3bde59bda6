// Proves that each lint rule can fail: a test breaks each rule once, in a temporary repository.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type Files,
  runBiome,
  runDepcruise,
  type Verdict,
  withFixture,
} from './architecture/fixture.ts'

/** One valid file in each layer, with imports in the right direction. */
const sound: Files = {
  'packages/y-electric/src/index.ts': "export { provider } from './provider.ts'\n",
  'packages/y-electric/src/errors.ts':
    "export { code } from './protocol/error-codes.ts'\nexport const failure = 1\n",
  'packages/y-electric/src/provider.ts':
    "import { send } from './io/send.ts'\nexport const provider = send\n",
  'packages/y-electric/src/tiptap/index.ts':
    "import { Doc } from 'yjs'\nexport const guard = Doc\n",
  'packages/y-electric/src/pglite/index.ts':
    "export { store } from '../persistence/good.ts'\nexport const pglite = 1\n",
  'packages/y-electric/src/tanstack-db/index.ts':
    "export { send as collection } from '../io/send.ts'\n",
  'packages/y-electric/src/bindings/document.ts': "export { provider } from '../provider.ts'\n",
  'packages/y-electric/src/vue/index.ts': "export { provider } from '../bindings/document.ts'\n",
  'packages/y-electric/src/io/send.ts':
    "import { step } from '../core/step.ts'\nexport const send = step\n",
  'packages/y-electric/src/core/step.ts':
    "import { Doc } from 'yjs'\nimport { failure } from '../errors.ts'\nimport { frame } from '../protocol/index.ts'\nexport const step = [Doc, failure, frame]\n",
  'packages/y-electric/src/core/ledger/ledger.ts': "export { part } from './parts/good.ts'\n",
  'packages/y-electric/src/core/ledger/parts/good.ts': 'export const part = Math.max(1, 2)\n',
  'packages/y-electric/src/session/writer/good.ts': 'export const writer = Math.max(1, 2)\n',
  'packages/y-electric/src/tabs/good.ts': 'export const tab = Math.max(1, 2)\n',
  'packages/y-electric/src/persistence/good.ts': 'export const store = Math.max(1, 2)\n',
  'packages/y-electric/src/protocol/index.ts': "export { code as frame } from './error-codes.ts'\n",
  'packages/y-electric/src/protocol/error-codes.ts': 'export const code = Math.max(1, 2)\n',
  'packages/server/src/index.ts': "export { app } from './app.ts'\n",
  'packages/server/src/extension.ts': "export { rows } from './store/rows.ts'\n",
  'packages/server/src/app.ts':
    "import { route } from './routes/route.ts'\nexport const app = route\n",
  'packages/server/src/routes/route.ts':
    "import { list } from '../documents/list.ts'\nexport const route = list\n",
  'packages/server/src/documents/list.ts':
    "import { run } from '../work/run.ts'\nimport { rows } from '../store/rows.ts'\nexport const list = [run, rows]\n",
  'packages/server/src/work/run.ts':
    "import { version } from '../content/version.ts'\nexport const run = version\n",
  'packages/server/src/content/version.ts':
    "import { Doc } from 'yjs'\nimport { frame } from 'y-electric/protocol'\nexport const version = [Doc, frame]\n",
  'packages/server/src/store/rows.ts':
    "import { frame } from 'y-electric/protocol'\nexport const rows = frame\n",
  'packages/server/src/limits.ts': 'export const limits = 1\n',
  'packages/documents/src/main.ts':
    "import { serve } from './commands/serve.ts'\nimport { config } from './config.ts'\nexport default [serve, config]\n",
  'packages/documents/src/index.ts': "export { extension } from './routes/extension.ts'\n",
  'packages/documents/src/commands/serve.ts':
    "import { shapes } from '@y-electric/embedded'\nimport { app } from '@y-electric/server'\nimport { extension } from '../routes/extension.ts'\nexport const serve = [shapes, app, extension]\n",
  'packages/documents/src/routes/extension.ts':
    "import { diff } from '../documents/diff.ts'\nexport const extension = diff\n",
  'packages/documents/src/documents/diff.ts':
    "import { rows } from '@y-electric/server/extension'\nimport { run } from '../work/run.ts'\nexport const diff = [rows, run]\n",
  'packages/documents/src/test-server/server.ts': 'export const server = Math.max(1, 2)\n',
  'packages/documents/src/work/run.ts':
    "import { write } from '../content/write.ts'\nexport const run = write\n",
  'packages/documents/src/content/write.ts':
    "import { Doc } from 'yjs'\nimport { frame } from 'y-electric/protocol'\nexport const write = [Doc, frame]\n",
  'packages/documents/src/config.ts':
    "import { shapes } from '@y-electric/embedded'\nexport const config = shapes\n",
  'packages/embedded/src/index.ts': "export { shapes } from './shapes.ts'\n",
  'packages/embedded/src/shapes.ts': 'export const shapes = 1\n',
  'apps/editor/src/main.ts': "import { provider } from 'y-electric'\nexport default provider\n",
  'apps/editor/src/inspector/api.ts':
    "import { frame } from 'y-electric/protocol'\nexport const api = frame\n",
  'tools/fuzz/adapters/server.ts':
    "export { rows } from '../../../packages/server/src/store/rows.ts'\n",
  'packages/embedded/src/shapes.test.ts':
    "import { isDeep } from '../../../test/harness/deep.ts'\nexport default isDeep\n",
  'test/harness/deep.ts': 'export const isDeep = Math.max(1, 2) === 2\n',
  'test/some.test.ts':
    "import { app } from '@y-electric/server'\nimport { frame } from 'y-electric/protocol'\nexport default [app, frame]\n",
}

const importing = (from: string) => `import * as wrong from '${from}'\nexport const bad = wrong\n`

/** [the rule, the file that breaks it, what that file imports] */
const wrongImports: [rule: string, file: string, from: string][] = [
  ['provider-errors-is-a-leaf', 'packages/y-electric/src/errors.ts', './core/step.ts'],
  ['provider-protocol-is-lowest', 'packages/y-electric/src/protocol/bad.ts', '../core/step.ts'],
  ['provider-core-below-io', 'packages/y-electric/src/core/bad.ts', '../io/send.ts'],
  ['provider-io-below-provider', 'packages/y-electric/src/io/bad.ts', '../provider.ts'],
  [
    'provider-session-below-provider',
    'packages/y-electric/src/session/writer/bad.ts',
    '../../provider.ts',
  ],
  [
    'provider-tabs-below-session',
    'packages/y-electric/src/tabs/bad.ts',
    '../session/writer/good.ts',
  ],
  [
    'provider-persistence-below-session',
    'packages/y-electric/src/persistence/bad.ts',
    '../session/writer/good.ts',
  ],
  ['provider-tiptap-stands-alone', 'packages/y-electric/src/tiptap/bad.ts', '../io/send.ts'],
  ['provider-needs-no-tiptap', 'packages/y-electric/src/io/bad.ts', '../tiptap/index.ts'],
  ['provider-needs-no-pglite', 'packages/y-electric/src/io/bad.ts', '../pglite/index.ts'],
  ['provider-needs-no-tanstack-db', 'packages/y-electric/src/io/bad.ts', '../tanstack-db/index.ts'],
  ['provider-tanstack-db-above-io', 'packages/y-electric/src/tanstack-db/bad.ts', '../provider.ts'],
  ['provider-needs-no-binding', 'packages/y-electric/src/io/bad.ts', '../bindings/document.ts'],
  ['provider-binding-stands-alone', 'packages/y-electric/src/vue/bad.ts', '../io/send.ts'],
  ['provider-binding-stands-alone', 'packages/y-electric/src/react/bad.ts', '../vue/index.ts'],
  ['provider-framework-only-in-its-binding', 'packages/y-electric/src/bindings/bad.ts', 'vue'],
  ['provider-stays-inside', 'packages/y-electric/src/io/bad.ts', '@y-electric/embedded'],
  ['provider-index-is-the-top', 'packages/y-electric/src/provider.ts', './index.ts'],
  ['provider-pure-layers-take-only-yjs', 'packages/y-electric/src/core/bad.ts', 'hono'],
  ['provider-pure-layers-take-only-yjs', 'packages/y-electric/src/protocol/bad.ts', 'node:fs'],
  ['ledger-parts-are-apart', 'packages/y-electric/src/core/ledger/parts/bad.ts', './good.ts'],
  ['ledger-steps-below-ledger', 'packages/y-electric/src/core/ledger/steps/bad.ts', '../ledger.ts'],
  ['session-parts-are-apart', 'packages/y-electric/src/session/reader/bad.ts', '../writer/good.ts'],
  [
    'session-parts-know-no-tabs',
    'packages/y-electric/src/session/reader/bad.ts',
    '../../tabs/good.ts',
  ],
  [
    'only-the-device-knows-persistence',
    'packages/y-electric/src/tabs/bad.ts',
    '../persistence/good.ts',
  ],
  ['browser-code-needs-no-node', 'packages/y-electric/src/io/bad.ts', 'node:fs'],
  ['browser-code-needs-no-node', 'apps/editor/src/bad.ts', 'node:fs'],
  ['server-imports-only-protocol', 'packages/server/src/bad.ts', 'y-electric'],
  ['server-imports-only-protocol', 'packages/server/src/bad.ts', '@y-electric/embedded'],
  ['server-imports-only-protocol', 'packages/server/src/bad.ts', '../../documents/src/index.ts'],
  ['server-index-is-the-top', 'packages/server/src/routes/bad.ts', '../index.ts'],
  ['server-index-is-the-top', 'packages/server/src/routes/bad.ts', '../extension.ts'],
  ['server-app-below-index', 'packages/server/src/routes/bad.ts', '../app.ts'],
  ['server-routes-below-app', 'packages/server/src/store/bad.ts', '../routes/route.ts'],
  ['server-documents-below', 'packages/server/src/documents/bad.ts', '../routes/route.ts'],
  ['server-work-below', 'packages/server/src/work/bad.ts', '../documents/list.ts'],
  ['server-compaction-below', 'packages/server/src/compaction/bad.ts', '../documents/list.ts'],
  ['server-content-below', 'packages/server/src/content/bad.ts', '../store/rows.ts'],
  ['server-admission-below', 'packages/server/src/admission/bad.ts', '../routes/route.ts'],
  ['server-streams-below', 'packages/server/src/streams/bad.ts', '../routes/route.ts'],
  ['server-content-is-pure', 'packages/server/src/content/bad.ts', 'pg'],
  ['server-content-is-pure', 'packages/server/src/content/bad.ts', 'node:fs'],
  ['server-store-is-lowest', 'packages/server/src/store/bad.ts', '../index.ts'],
  ['server-store-knows-no-http', 'packages/server/src/store/bad.ts', 'hono'],
  ['server-leafs-import-only-leafs', 'packages/server/src/limits.ts', './store/rows.ts'],
  ['documents-import-only-public-entries', 'packages/documents/src/bad.ts', 'y-electric'],
  [
    'documents-import-only-public-entries',
    'packages/documents/src/bad.ts',
    '../../server/src/store/rows.ts',
  ],
  [
    'documents-import-only-public-entries',
    'packages/documents/src/content/bad.test.ts',
    '../../../server/src/store/rows.ts',
  ],
  [
    'documents-code-needs-no-inside-of-the-server',
    'packages/documents/src/content/bad.ts',
    '../../../server/src/compaction/check.ts',
  ],
  ['documents-main-is-the-top', 'packages/documents/src/bad.ts', './main.ts'],
  ['documents-commands-below-main', 'packages/documents/src/routes/bad.ts', '../commands/serve.ts'],
  ['documents-routes-below', 'packages/documents/src/routes/bad.ts', '../work/run.ts'],
  [
    'documents-documents-below',
    'packages/documents/src/documents/bad.ts',
    '../routes/extension.ts',
  ],
  ['documents-schemas-below', 'packages/documents/src/schemas/bad.ts', '../documents/diff.ts'],
  ['documents-work-below', 'packages/documents/src/work/bad.ts', '../documents/diff.ts'],
  ['documents-content-below', 'packages/documents/src/content/bad.ts', '../work/run.ts'],
  ['documents-serving-below', 'packages/documents/src/serving/bad.ts', '../documents/diff.ts'],
  ['documents-stores-below', 'packages/documents/src/stores/bad.ts', '../routes/extension.ts'],
  [
    'documents-test-server-is-for-tests',
    'packages/documents/src/serving/bad.ts',
    '../test-server/server.ts',
  ],
  ['documents-content-is-pure', 'packages/documents/src/content/bad.ts', 'pg'],
  ['documents-content-is-pure', 'packages/documents/src/content/bad.ts', 'node:fs'],
  [
    'documents-embedded-only-for-the-command',
    'packages/documents/src/documents/bad.ts',
    '@y-electric/embedded',
  ],
  ['embedded-stays-inside', 'packages/embedded/src/bad.ts', 'y-electric/protocol'],
  ['embedded-knows-nothing-of-yjs', 'packages/embedded/src/bad.ts', 'yjs'],
  ['create-stays-inside', 'packages/create-y-electric/src/bad.ts', 'y-electric'],
  ['editor-imports-only-public-roots', 'apps/editor/src/bad.ts', 'y-electric/protocol'],
  [
    'inspector-imports-only-public-entries',
    'apps/editor/src/inspector/bad.ts',
    '../../../../packages/y-electric/src/core/step.ts',
  ],
  ['test-imports-only-public-entries', 'test/bad.ts', '../packages/y-electric/src/core/step.ts'],
  ['test-imports-only-public-entries', 'test/bad.ts', '../packages/server/dist/store/rows.js'],
  [
    'tools-import-only-public-entries',
    'tools/fuzz/targets/bad.ts',
    '../../../packages/server/src/store/rows.ts',
  ],
  ['tools-import-only-public-entries', 'tools/bad.ts', '../test/some.test.ts'],
  [
    'only-tests-know-the-depth-of-a-run',
    'packages/embedded/src/bad.ts',
    '../../../test/harness/deep.ts',
  ],
  ['everything-resolves', 'packages/server/src/bad.ts', './nowhere.ts'],
  ['packages-are-declared', 'packages/embedded/src/bad.ts', 'hono'],
  ['published-code-needs-no-dev-dependency', 'packages/embedded/src/bad.ts', 'fast-check'],
]

describe('the import rules', () => {
  test('each have an import here that breaks them', async () => {
    const file = path.resolve(import.meta.dirname, '../.dependency-cruiser.mjs')
    const { default: config }: { default: { forbidden: { name: string }[] } } = await import(file)
    // Rules that differ only in their framework have one name.
    const names = [...new Set(config.forbidden.map(({ name }) => name))]
    const broken = [...wrongImports.map(([rule]) => rule), 'no-cycles']
    expect([...new Set(broken)].sort()).toEqual(names.sort())
  })

  describe('each rule reports its violation', () => {
    let verdict: Verdict
    // One run checks all rules, since each run takes seconds. The output names the rule and the file.
    beforeAll(async () => {
      const bad: Files = {
        'packages/server/dist/store/rows.js': 'export const rows = 1\n',
        'packages/server/src/compaction/check.ts': 'export const verify = 1\n',
        'packages/embedded/src/one.ts':
          "import type { Two } from './two.ts'\nexport type One = Two\n",
        'packages/embedded/src/two.ts':
          "import type { One } from './one.ts'\nexport type Two = One\n",
      }
      for (const [, file, from] of wrongImports)
        bad[file] = (bad[file] ?? '') + alias(importing(from), bad[file])
      verdict = await withFixture({ ...sound, ...bad }, runDepcruise)
    })

    test('for imports between layers', () => {
      expect(verdict.passed).toBe(false)
      for (const [rule, file] of wrongImports) expectError(verdict, rule, file)
    })

    test('and none for a file that keeps all of them', () => {
      // A wrong import also closes cycles through right ones.
      const reported = verdict.output.matchAll(/^\s*error (?!no-cycles)\S+: (\S+)/gm)
      const files = new Set([...reported].map(([, file]) => file))
      expect([...files].sort()).toEqual([...new Set(wrongImports.map(([, file]) => file))].sort())
    })

    test('for cycles, even between types', () => {
      expectError(verdict, 'no-cycles', 'packages/embedded/src/one.ts')
    })
  })
})

/** Renames an import, since several wrong imports in one file need different names. */
function alias(line: string, before: string | undefined): string {
  const suffix = before?.length ?? 0
  return line.replaceAll('wrong', `wrong${suffix}`).replaceAll('bad', `bad${suffix}`)
}

function expectError(verdict: Verdict, rule: string, file: string): void {
  const lines = verdict.output.split('\n').filter((line) => line.includes(` ${rule}: ${file} → `))
  expect(lines, `${rule} for ${file} in:\n${verdict.output}`).not.toEqual([])
}

const FORBIDDEN = [
  'fetch("x")',
  'setTimeout(() => {}, 1)',
  'setInterval(() => {}, 1)',
  'queueMicrotask(() => {})',
  'performance.now()',
  'crypto.randomUUID()',
  'Math.random()',
  'Date.now()',
  'new Date()',
  'localStorage.length',
  'indexedDB.open("x")',
  'document.title',
  'window.name',
  'globalThis.fetch("x")',
  'process.env',
]
const ALLOWED = ['Math.max(1, 2)', 'Date.parse("2026-08-01")', 'new Date(0)', '[1].map(String)']

/** [the rule, the code of a file that breaks it] */
const FINDINGS: [rule: string, code: string][] = [
  ['noFloatingPromises', 'async function work() {}\nexport function go() {\n  work()\n}\n'],
  ['noExplicitAny', 'export const loose = (value: any) => value\n'],
  ['noNonNullAssertion', 'export const sure = (value?: string) => value!\n'],
  [
    'useExhaustiveSwitchCases',
    "type Step = { type: 'go' } | { type: 'stop' }\nexport function run(step: Step, go: () => void): void {\n  switch (step.type) {\n    case 'go':\n      go()\n  }\n}\n",
  ],
  ['noImportCycles', "import { two } from './use1.ts'\nexport const one = () => two\n"],
]

const fileOf = (layer: string, index: number) => `packages/y-electric/src/${layer}/use${index}.ts`

/** Makes one file of a layer for each use. */
const using = (layer: string, uses: readonly string[]): Files =>
  Object.fromEntries(
    uses.map((use, index) => [fileOf(layer, index), `export const use = () => ${use}\n`]),
  )

test('the server depends on no converter, no comparison of texts and no embedded database', async () => {
  const manifest = path.resolve(import.meta.dirname, '../packages/server/package.json')
  const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
    await readFile(manifest, 'utf8'),
  )
  const schemas = ['@valibot/to-json-schema', 'valibot']
  expect(Object.keys(dependencies).sort()).toEqual(
    [...schemas, '@types/pg', 'lib0', 'lru-cache', 'p-limit', 'y-electric'].sort(),
  )
  expect(Object.keys(peerDependencies).sort()).toEqual([
    '@y-electric/embedded',
    'hono',
    'pg',
    'yjs',
  ])
  expect(peerDependenciesMeta).toEqual({ '@y-electric/embedded': { optional: true } })
})

describe('the linter', () => {
  const refusal = /noRestrictedGlobals|core and protocol/
  let verdict: Verdict
  // One run checks everything that the linter must refuse, since each run takes half a second.
  beforeAll(async () => {
    const files: Files = {
      ...using('core', [...FORBIDDEN, ...ALLOWED]),
      ...using('protocol', [...FORBIDDEN, ...ALLOWED]),
      ...using('io', FORBIDDEN),
    }
    for (const [rule, code] of FINDINGS) {
      files[`packages/server/src/${rule}/use0.ts`] = code
      files[`packages/server/src/${rule}/use1.ts`] =
        "import * as one from './use0.ts'\nexport const two = () => one\n"
    }
    verdict = await withFixture(files, runBiome)
  })
  const saidOf = (file: string): string =>
    verdict.output
      .split('\n')
      .filter((line) => line.includes(`file=${file},`))
      .join('\n')

  test.each(['core', 'protocol'])('refuses what %s may not use', (layer) => {
    for (const [index, use] of FORBIDDEN.entries()) {
      expect(saidOf(fileOf(layer, index)), use).toMatch(refusal)
    }
  })

  test('allows io to use these names', () => {
    for (const index of FORBIDDEN.keys()) {
      expect(saidOf(fileOf('io', index))).not.toMatch(refusal)
    }
  })

  test.each(['core', 'protocol'])('allows %s to use pure functions', (layer) => {
    for (const index of ALLOWED.keys()) {
      expect(saidOf(fileOf(layer, FORBIDDEN.length + index))).toBe('')
    }
  })

  test.each(FINDINGS)('refuses code that breaks %s', (rule) => {
    const file = `packages/server/src/${rule}/use0.ts`
    expect(saidOf(file)).toMatch(new RegExp(`^::error.*/${rule},`, 'm'))
    expect(verdict.passed).toBe(false)
  })
})
