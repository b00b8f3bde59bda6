// The arrows between packages and between the layers inside them: imports go one way only. Which
// names the pure layers may not touch (fetch, timers, chance) is in biome.json;
// test/architecture.test.ts proves that all bite.

const isTest = '\\.test\\.tsx?$'
/** Tests and what only they use: no package publishes it. */
const isUnpublished = `(${isTest}|/testing/)`
const provider = '^packages/y-electric/src/'
const server = '^packages/server/src/'
const documents = '^packages/documents/src/'
const embedded = '^packages/embedded/src/'
const external = '(^|/)node_modules/'
const anyWorkspace = '^(packages|apps|test|tools)/'
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
    name: 'ledger-parts-are-apart',
    comment: 'A part of the ledger knows the state and no other part; steps combine parts.',
    severity: 'error',
    from: { path: `${provider}core/ledger/parts/` },
    to: {
      path: `${provider}core/ledger/`,
      pathNot: `${provider}core/ledger/(state|events|effects|work)\\.ts$`,
    },
  },
  {
    name: 'ledger-steps-below-ledger',
    comment: 'ledger → steps → parts → work → state, events, effects',
    severity: 'error',
    from: { path: `${provider}core/ledger/(steps/|(state|events|effects|work|facts)\\.ts$)` },
    to: { path: `${provider}core/ledger/(ledger|assert)\\.ts$` },
  },
  {
    name: 'session-parts-are-apart',
    comment: 'Parts of a session dispatch events to the ledger, and know no other part.',
    severity: 'error',
    from: { path: `${provider}session/([^/]+)/`, pathNot: isUnpublished },
    to: { path: `${provider}session/`, pathNot: `${provider}session/$1/` },
  },
  {
    name: 'session-parts-know-no-tabs',
    comment: 'The other tabs are a part too: only the session connects it with others.',
    severity: 'error',
    from: { path: `${provider}session/[^/]+/`, pathNot: isUnpublished },
    to: { path: `${provider}tabs/` },
  },
  {
    name: 'only-the-device-knows-persistence',
    comment: 'What a store returns reaches the other parts as an event.',
    severity: 'error',
    from: { path: `${provider}(session/(?!device/)[^/]+|tabs)/`, pathNot: isUnpublished },
    to: { path: `${provider}persistence/` },
  },
  {
    name: 'browser-code-needs-no-node',
    severity: 'error',
    from: { path: [provider, '^apps/editor/src/'], pathNot: isTest },
    to: { dependencyTypes: ['core'] },
  },
]

/** Files at the root of a package's `src` that every layer may import. */
const leafs = { server: '((auth|errors|limits)\\.ts$|schemas/)', documents: 'config\\.ts$' }

/** Files of a layer import, of their own package, only the layers below and the leafs. */
const layerOf = (name, root, leaf, comment) => (layer, below) => ({
  name: `${name}-${layer}-below`,
  comment,
  severity: 'error',
  from: { path: `${root}${layer}/`, pathNot: isTest },
  to: {
    path: root,
    pathNot: `${root}((${[layer, ...below].join('|')})/|${leaf})`,
  },
})

const serverLayer = layerOf(
  'server',
  server,
  leafs.server,
  'routes → documents → (work, content, compaction) → store; routes → (admission, streams) → store',
)

const serverLayers = [
  onlyImports(
    'server-imports-only-protocol',
    server,
    `${server}|${provider}protocol/index\\.ts$`,
    'documents → server → y-electric/protocol. The embedded database is an optional peer: an app hands it over.',
  ),
  {
    name: 'server-index-is-the-top',
    comment: 'index and extension only name what others may import.',
    severity: 'error',
    from: { path: server, pathNot: isTest },
    to: { path: `${server}(index|extension)\\.ts$` },
  },
  {
    name: 'server-app-below-index',
    severity: 'error',
    from: { path: server, pathNot: [isTest, `${server}index\\.ts$`] },
    to: { path: `${server}app\\.ts$` },
  },
  {
    name: 'server-routes-below-app',
    severity: 'error',
    from: { path: server, pathNot: [isTest, `${server}((app|index|extension)\\.ts$|routes/)`] },
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
    [`${external}(yjs|lib0)/`],
    'content judges rows and builds versions: no database, no Node.',
  ),
  {
    name: 'server-store-is-lowest',
    comment: 'The store knows SQL and the leafs (limits, errors), not HTTP.',
    severity: 'error',
    from: { path: `${server}store/`, pathNot: isTest },
    to: { path: server, pathNot: `${server}(store/|${leafs.server})` },
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
    from: { path: `${server}${leafs.server}` },
    to: { path: server, pathNot: `${server}${leafs.server}` },
  },
]

const documentsLayer = layerOf(
  'documents',
  documents,
  leafs.documents,
  'main → commands → (serving, startup, routes) → documents → (work, content)',
)

const documentsLayers = [
  {
    name: 'documents-import-only-public-entries',
    comment:
      'documents → server → y-electric/protocol. Its tests share the sample documents and the comparison of the tests of compaction.',
    severity: 'error',
    from: { path: documents },
    to: {
      path: anyWorkspace,
      pathNot: [
        documents,
        `${server}(index|extension)\\.ts$`,
        `${embedded}index\\.ts$`,
        `${provider}protocol/index\\.ts$`,
        `${server}compaction/`,
      ],
    },
  },
  {
    name: 'documents-code-needs-no-inside-of-the-server',
    severity: 'error',
    from: { path: documents, pathNot: isUnpublished },
    to: { path: `${server}compaction/` },
  },
  {
    name: 'documents-main-is-the-top',
    comment: 'main reads the environment and opens a port: importing anything else starts nothing.',
    severity: 'error',
    from: { path: documents, pathNot: isTest },
    to: { path: `${documents}main\\.ts$` },
  },
  {
    name: 'documents-commands-below-main',
    comment: 'A command opens ports and databases: only main runs one.',
    severity: 'error',
    from: { path: documents, pathNot: [isTest, `${documents}(main\\.ts$|commands/)`] },
    to: { path: `${documents}commands/` },
  },
  {
    name: 'documents-embedded-only-for-the-command',
    comment: 'Routes and functions run on any pool; only the command opens an embedded database.',
    severity: 'error',
    from: {
      path: documents,
      pathNot: [isUnpublished, `${documents}((backend|config)\\.ts$|(commands|startup)/)`],
    },
    to: { path: embedded },
  },
  documentsLayer('routes', ['documents', 'content']),
  documentsLayer('documents', ['work', 'content']),
  documentsLayer('work', ['content']),
  documentsLayer('content', []),
  documentsLayer('serving', ['log']),
  onlyDependsOn(
    'documents-content-is-pure',
    `${documents}content/`,
    [`${external}(yjs|lib0|diff|@types)/`, `${external}(hast|mdast|micromark)`],
    'content turns documents into formats and back: no database, no Node.',
  ),
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
    '^test/(?!simulation/adapters/)',
    `^(test|tools)/|${publicEntries}|^packages/server/src/compaction/testing/bomb\\.ts$`,
    'Tests here see what users see; what needs more is tested beside the code. The bytes of the decompression bomb are shared. The suite that holds the simulated database equal to Postgres reaches the store, in one folder.',
  ),
  onlyImports(
    'tools-import-only-public-entries',
    '^tools/(?!fuzz/adapters/)',
    `^tools/|^test/(harness|e2e|persistence/meter)|${publicEntries}`,
    'Tools use the packages as apps do, and the harness of the tests. The fuzzers alone reach into the packages, in one folder: over HTTP they would run a thousandth of their inputs.',
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
  forbidden: [
    ...providerLayers,
    ...serverLayers,
    ...documentsLayers,
    ...otherPackages,
    ...everywhere,
  ],
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
