// The arrows between packages and between the layers inside them: imports go one way only. Which
// names the pure layers may not touch (fetch, timers, chance) is in biome.json;
// test/architecture.test.ts proves that all bite.

const isTest = '\\.test\\.tsx?$'
/** Tests and what only they use: no package publishes it. */
const isUnpublished = `(${isTest}|/testing/)`
const provider = '^packages/y-electric/src/'
const server = '^packages/server/src/'
const embedded = '^packages/embedded/src/'
const external = '(^|/)node_modules/'
const anyWorkspace = '^(packages|apps|test)/'
// Whoever reaches into what is built goes around the same door.
const publicEntries =
  '^packages/([^/]+/(src|dist)/index|y-electric/(src|dist)/(protocol|tiptap)/index)\\.(ts|js|d\\.ts)$'

/**
 * Files at `from` may import, of this repository, only what is at `to`. Their tests are held to it
 * as well.
 */
function onlyImports(name, from, to, comment) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: from },
    to: { path: anyWorkspace, pathNot: to },
  }
}

/** Files at `from`, unless they are tests or of use to tests alone, may take from npm and Node only what is at `to`. */
function onlyDependsOn(name, from, to, comment) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: from, pathNot: isUnpublished },
    to: { pathNot: [anyWorkspace, ...to] },
  }
}

const providerLayers = [
  onlyImports(
    'provider-errors-is-a-leaf',
    `${provider}errors\\.ts$`,
    `${provider}protocol/error-codes\\.ts$`,
    'errors.ts is a leaf: everybody may import it, so it imports nobody. The codes are the protocol’s.',
  ),
  onlyImports(
    'provider-protocol-is-lowest',
    `${provider}protocol/`,
    `${provider}(protocol/|errors\\.ts$)`,
    'index → provider → io → core → protocol',
  ),
  onlyImports(
    'provider-core-below-io',
    `${provider}core/`,
    `${provider}(core/|protocol/|errors\\.ts$)`,
    'index → provider → io → core → protocol',
  ),
  onlyImports(
    'provider-io-below-provider',
    `${provider}io/`,
    `${provider}(io/|core/|protocol/|errors\\.ts$)`,
    'index → provider → io → core → protocol',
  ),
  onlyImports(
    'provider-session-below-provider',
    `${provider}session/`,
    `${provider}(session/|persistence/|tabs/|io/|core/|protocol/|errors\\.ts$)`,
    'index → provider → session → io → core → protocol',
  ),
  onlyImports(
    'provider-tabs-below-session',
    `${provider}tabs/`,
    `${provider}(tabs/|io/|core/|protocol/|errors\\.ts$)`,
    'index → provider → session → tabs → io → core → protocol',
  ),
  onlyImports(
    'provider-persistence-below-session',
    `${provider}persistence/`,
    `${provider}(persistence/|io/|core/|protocol/|errors\\.ts$)`,
    'index → provider → session → persistence → io → core → protocol',
  ),
  onlyImports(
    'provider-tiptap-stands-alone',
    `${provider}tiptap/`,
    `${provider}tiptap/`,
    'What guards an editor knows nothing of the provider, and the provider nothing of TipTap.',
  ),
  {
    name: 'provider-needs-no-tiptap',
    comment: 'TipTap is an optional peer: only the subpath for it may import it.',
    severity: 'error',
    from: { path: provider, pathNot: `${provider}tiptap/` },
    to: { path: [`${provider}tiptap/`, `${external}@tiptap/`] },
  },
  onlyImports(
    'provider-stays-inside',
    provider,
    provider,
    'The provider runs in other people’s pages and knows no other workspace package.',
  ),
  {
    name: 'provider-index-is-the-top',
    comment: 'index only names what is public; inside, import from where a thing is.',
    severity: 'error',
    from: { path: provider, pathNot: isTest },
    to: { path: `${provider}(index|tiptap/index)\\.ts$` },
  },
  onlyDependsOn(
    'provider-pure-layers-take-only-yjs',
    `${provider}(core|protocol)/`,
    [`${external}(yjs|lib0)/`],
    'core and protocol are pure: time, chance and everything outside come in as arguments.',
  ),
  {
    name: 'browser-code-needs-no-node',
    severity: 'error',
    from: { path: [provider, '^apps/editor/src/'], pathNot: isTest },
    to: { dependencyTypes: ['core'] },
  },
]

/** Files of a layer import, of the server, only the layers below and the leafs. */
const serverLayer = (layer, below) => ({
  name: `server-${layer}-below`,
  comment:
    'routes, commands → documents → (work, content, compaction) → store; routes → (admission, streams) → store',
  severity: 'error',
  from: { path: `${server}${layer}/`, pathNot: isTest },
  to: {
    path: server,
    pathNot: `${server}((${[layer, ...below].join('|')})/|(auth|config|errors|limits)\\.ts$)`,
  },
})

const serverLayers = [
  onlyImports(
    'server-imports-only-protocol-and-embedded',
    server,
    `${server}|${embedded}index\\.ts$|${provider}protocol/index\\.ts$`,
    'Of the client the server knows only y-electric/protocol.',
  ),
  {
    name: 'server-main-is-the-top',
    comment: 'main reads the environment and opens a port: importing anything else starts nothing.',
    severity: 'error',
    from: { path: server, pathNot: isTest },
    to: { path: `${server}main\\.ts$` },
  },
  {
    name: 'server-commands-below-main',
    comment: 'A command opens ports and databases: only main runs one.',
    severity: 'error',
    from: { path: server, pathNot: [isTest, `${server}(main\\.ts$|commands/)`] },
    to: { path: `${server}commands/` },
  },
  {
    name: 'server-index-below-main',
    severity: 'error',
    from: { path: server, pathNot: [isTest, `${server}main\\.ts$`] },
    to: { path: `${server}index\\.ts$` },
  },
  {
    name: 'server-app-below-index',
    severity: 'error',
    from: { path: server, pathNot: [isTest, `${server}((main|index)\\.ts$|commands/)`] },
    to: { path: `${server}app\\.ts$` },
  },
  {
    name: 'server-routes-below-app',
    severity: 'error',
    from: { path: server, pathNot: [isTest, `${server}(app\\.ts$|routes/)`] },
    to: { path: `${server}routes/` },
  },
  serverLayer('documents', ['work', 'content', 'compaction', 'store']),
  serverLayer('work', ['content', 'compaction', 'store']),
  serverLayer('compaction', ['work', 'content', 'store']),
  serverLayer('content', []),
  serverLayer('admission', ['store']),
  serverLayer('streams', ['store']),
  onlyDependsOn(
    'server-content-is-pure',
    `${server}content/`,
    [`${external}(yjs|lib0|diff|@types)/`, `${external}(hast|mdast|micromark)`],
    'content turns documents into formats and back: no database, no Node.',
  ),
  {
    name: 'server-store-is-lowest',
    comment: 'The store knows SQL and the leafs (configuration, limits, errors), not HTTP.',
    severity: 'error',
    from: { path: `${server}store/`, pathNot: isTest },
    to: { path: server, pathNot: `${server}(store/|(auth|config|errors|limits)\\.ts$)` },
  },
  {
    name: 'server-store-knows-no-http',
    severity: 'error',
    from: { path: `${server}store/`, pathNot: isTest },
    to: { path: `${external}(hono|@hono)/` },
  },
  {
    name: 'server-leafs-import-only-leafs',
    severity: 'error',
    from: { path: `${server}(auth|config|errors|limits)\\.ts$` },
    to: { path: server, pathNot: `${server}(auth|config|errors|limits)\\.ts$` },
  },
]

const otherPackages = [
  onlyImports(
    'embedded-stays-inside',
    embedded,
    embedded,
    'It serves shapes of any table, whoever uses them.',
  ),
  {
    name: 'embedded-knows-nothing-of-yjs',
    severity: 'error',
    from: { path: embedded },
    to: { path: `${external}(yjs|lib0|y-protocols)/` },
  },
  onlyImports(
    'editor-imports-only-public-roots',
    '^apps/editor/(?!src/inspector/)',
    '^apps/editor/|^packages/([^/]+/(src|dist)/index|y-electric/(src|dist)/tiptap/index)\\.(ts|js|d\\.ts)$',
    'The editor is a user of the packages like any other.',
  ),
  onlyImports(
    'inspector-imports-only-public-entries',
    '^apps/editor/src/inspector/',
    `^apps/editor/|${publicEntries}`,
    'The inspector reads the protocol too, as any client could.',
  ),
  onlyImports(
    'test-imports-only-public-entries',
    '^test/(?!(fuzz|simulation)/adapters/)',
    `^test/|${publicEntries}|^packages/server/src/compaction/testing/bomb\\.ts$`,
    'Tests here see what users see; what needs more is tested beside the code. The fuzzers reach into the packages, in one folder: over HTTP they would run a thousandth of their inputs. So does the suite that holds the simulated database equal to Postgres. The bytes of the decompression bomb, which need Yjs alone, lie beside the code that has to survive them.',
  ),
]

const everywhere = [
  {
    name: 'no-cycles',
    comment: 'Type-only cycles count too: two files that need each other are one file.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'everything-resolves',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'packages-are-declared',
    comment: 'What is imported stands in a package.json of its own workspace or of the root.',
    severity: 'error',
    from: { path: anyWorkspace },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'published-code-needs-no-dev-dependency',
    severity: 'error',
    from: { path: '^packages/[^/]+/src/', pathNot: isUnpublished },
    to: {
      dependencyTypes: ['npm-dev'],
      dependencyTypesNot: ['npm', 'npm-peer', 'type-only'],
    },
  },
]

export default {
  forbidden: [...providerLayers, ...serverLayers, ...otherPackages, ...everywhere],
  options: {
    // Seen as somewhere that an import may lead to, but not looked into.
    doNotFollow: { path: [external, '(^|/)dist/'] },
    exclude: { path: '(^|/)(\\.artifacts|test/data)/' },
    // Sees `import type` as well, and does not lose imports that compile to nothing.
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['y-electric-source', 'import', 'node', 'default', 'types'],
    },
  },
}
