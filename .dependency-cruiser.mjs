// The allowed imports between packages and between the layers inside them, which go one way only.
// biome.json lists the names that the pure layers may not use (fetch, timers, chance).
// test/architecture.test.ts proves that each rule reports a violation.

const isTest = '\\.test\\.tsx?$'
/** Tests and their helpers, which no package publishes. */
const isUnpublished = `(${isTest}|/testing/)`
const provider = '^packages/y-electric/src/'
const server = '^packages/server/src/'
const documents = '^packages/documents/src/'
const embedded = '^packages/embedded/src/'
const create = '^packages/create-y-electric/src/'
const external = '(^|/)node_modules/'
const anyWorkspace = '^(packages|apps|test|tools)/'
// An import from `dist` would bypass the public entry too.
const publicEntries =
  '^packages/([^/]+/(src|dist)/index|y-electric/(src|dist)/(protocol|tiptap|react|vue|svelte|solid|pglite|tanstack-db|store-tests)/index|documents/(src|dist)/test-server/index)\\.(ts|js|d\\.ts)$'

/** How long a run of the tests may take. Tests of all packages ask it. */
const depthOfRun = '^test/harness/deep\\.ts$'

/**
 * Files at `from` may import, from this repository, only files at `to`. The rule applies to their tests
 * too.
 */
function onlyImports(name, from, to, comment) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: from },
    // npm puts a dependency into the folder of a workspace if the root has another version of it.
    to: { path: anyWorkspace, pathNot: [to, external, depthOfRun].flat() },
  }
}

/** Files at `from`, except tests and their helpers, may import from npm and Node only the modules at `to`. */
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
    'errors.ts is a leaf: every file may import it, so it imports only the error codes of the protocol.',
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
    'The guard of an editor does not import the provider, and the provider does not import TipTap.',
  ),
  {
    name: 'provider-needs-no-tiptap',
    comment: 'TipTap is an optional peer: only its subpath may import it.',
    severity: 'error',
    from: { path: provider, pathNot: `${provider}tiptap/` },
    to: { path: [`${provider}tiptap/`, `${external}@tiptap/`] },
  },
  {
    name: 'provider-needs-no-pglite',
    comment:
      'PGlite is an optional peer, which the app passes in. Tests of stores are for those who write one.',
    severity: 'error',
    from: { path: provider, pathNot: [`${provider}(pglite|store-tests)/`, isTest] },
    to: { path: [`${provider}(pglite|store-tests)/`, `${external}@electric-sql/pglite/`] },
  },
  {
    name: 'provider-needs-no-tanstack-db',
    comment: 'TanStack DB is an optional peer: only its subpath may import it.',
    severity: 'error',
    from: { path: provider, pathNot: `${provider}tanstack-db/` },
    to: { path: [`${provider}tanstack-db/`, `${external}@tanstack/`] },
  },
  onlyImports(
    'provider-tanstack-db-above-io',
    `${provider}tanstack-db/`,
    `${provider}(tanstack-db/|io/|protocol/|errors\\.ts$)`,
    'The collections request lists over HTTP, and open no document.',
  ),
  {
    name: 'provider-needs-no-binding',
    comment: 'The bindings use the provider, and the provider works without them.',
    severity: 'error',
    from: { path: provider, pathNot: `${provider}(bindings|react|vue|svelte|solid)/` },
    to: { path: `${provider}(bindings|react|vue|svelte|solid)/` },
  },
  ...['react', 'vue', 'svelte', 'solid'].map((name) =>
    onlyImports(
      'provider-binding-stands-alone',
      `${provider}${name}/`,
      `${provider}(${name}/|bindings/|errors\\.ts$|core/ledger/facts\\.ts$)`,
      'A binding for one framework is thin: what it decides is in bindings, for all frameworks.',
    ),
  ),
  ...['react', 'vue', 'svelte', 'solid-js'].map((name) => ({
    name: 'provider-framework-only-in-its-binding',
    comment: 'A framework is an optional peer: only its subpath may import it.',
    severity: 'error',
    from: {
      path: provider,
      pathNot: [`${provider}${name.replace('-js', '')}/`],
    },
    to: { path: `${external}(@types/)?${name}/` },
  })),
  onlyImports(
    'provider-stays-inside',
    provider,
    provider,
    'The provider runs in pages of other apps and imports no other workspace package.',
  ),
  {
    name: 'provider-index-is-the-top',
    comment: 'index only exports the public API; files inside import from the defining file.',
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
    comment: 'A part of the ledger imports the state and no other part; steps combine parts.',
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
    comment: 'Parts of a session dispatch events to the ledger, and import no other part.',
    severity: 'error',
    from: { path: `${provider}session/([^/]+)/`, pathNot: isUnpublished },
    to: { path: `${provider}session/`, pathNot: `${provider}session/$1/` },
  },
  {
    name: 'session-parts-know-no-tabs',
    comment:
      'The code for other tabs is a part too: only the session connects it with other parts.',
    severity: 'error',
    from: { path: `${provider}session/[^/]+/`, pathNot: isUnpublished },
    to: { path: `${provider}tabs/` },
  },
  {
    name: 'only-the-device-knows-persistence',
    comment: 'The result of a store reaches the other parts as an event.',
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
const leafs = { server: '((auth|errors|limits|node)\\.ts$|schemas/)', documents: 'config\\.ts$' }

/** Files of a layer import, from their own package, only the layers below and the leaf files. */
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
  'routes → documents → work → (content, compaction) → store; routes → (admission, streams) → store',
)

const serverLayers = [
  onlyImports(
    'server-imports-only-protocol',
    server,
    `${server}|${provider}protocol/index\\.ts$`,
    'documents → server → y-electric/protocol. The embedded database is an optional peer that an app passes in.',
  ),
  {
    name: 'server-index-is-the-top',
    comment: 'index and extension only export what other packages may import.',
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
  serverLayer('compaction', ['content', 'store']),
  serverLayer('content', []),
  serverLayer('admission', ['store']),
  serverLayer('streams', ['store']),
  onlyDependsOn(
    'server-content-is-pure',
    `${server}content/`,
    [`${external}(yjs|lib0)/`],
    'content checks rows and builds versions, without a database and without Node.',
  ),
  {
    name: 'server-store-is-lowest',
    comment: 'The store uses SQL and the leaf files (limits, errors), not HTTP.',
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
  'main → commands → (serving, startup, routes) → documents → (work, schemas) → content',
)

const documentsLayers = [
  {
    name: 'documents-import-only-public-entries',
    comment:
      'documents → server → y-electric/protocol. Its tests share the sample documents and the comparison with the tests of compaction.',
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
        depthOfRun,
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
    comment:
      'Only main reads the environment and opens a port: importing any other file starts nothing.',
    severity: 'error',
    from: { path: documents, pathNot: isTest },
    to: { path: `${documents}main\\.ts$` },
  },
  {
    name: 'documents-commands-below-main',
    comment: 'Commands open ports and databases, so only main runs them.',
    severity: 'error',
    from: { path: documents, pathNot: [isTest, `${documents}(main\\.ts$|commands/)`] },
    to: { path: `${documents}commands/` },
  },
  {
    name: 'documents-embedded-only-for-the-command',
    comment: 'Routes and functions run on any pool; only commands open an embedded database.',
    severity: 'error',
    from: {
      path: documents,
      pathNot: [isUnpublished, `${documents}((backend|config)\\.ts$|(commands|startup)/)`],
    },
    to: { path: embedded },
  },
  {
    name: 'documents-test-server-is-for-tests',
    comment: 'No code of a running server may reach the faults and the clock.',
    severity: 'error',
    from: { path: documents, pathNot: [isTest, `${documents}test-server/`] },
    to: { path: `${documents}test-server/` },
  },
  documentsLayer('routes', ['documents', 'content', 'schemas']),
  documentsLayer('documents', ['work', 'content', 'schemas']),
  documentsLayer('schemas', ['content']),
  documentsLayer('work', ['content']),
  documentsLayer('content', []),
  documentsLayer('stores', ['documents']),
  documentsLayer('serving', ['log']),
  onlyDependsOn(
    'documents-content-is-pure',
    `${documents}content/`,
    [`${external}(yjs|lib0|diff|@types)/`, `${external}(hast|mdast|micromark)`],
    'content converts documents to formats and back, without a database and without Node.',
  ),
]

const otherPackages = [
  onlyImports(
    'embedded-stays-inside',
    embedded,
    embedded,
    'The embedded package serves shapes of any table, so it imports no other package.',
  ),
  {
    name: 'embedded-knows-nothing-of-yjs',
    severity: 'error',
    from: { path: embedded },
    to: { path: `${external}(yjs|lib0|y-protocols)/` },
  },
  onlyImports(
    'create-stays-inside',
    create,
    create,
    'The command is downloaded for each new app, so it needs no other package.',
  ),
  onlyImports(
    'editor-imports-only-public-roots',
    '^apps/editor/(?!src/inspector/)',
    '^apps/editor/|^apps/agent/src/(answers|lines)\\.ts$|^packages/([^/]+/(src|dist)/index|y-electric/(src|dist)/tiptap/index)\\.(ts|js|d\\.ts)$',
    'The editor uses the packages like any other app. Its assistant answers by the rules of the example agent.',
  ),
  onlyImports(
    'inspector-imports-only-public-entries',
    '^apps/editor/src/inspector/',
    `^apps/editor/|${publicEntries}`,
    'The inspector also uses the protocol, like any client.',
  ),
  onlyImports(
    'test-imports-only-public-entries',
    '^test/(?!simulation/adapters/)',
    `^(test|tools)/|${publicEntries}|^packages/server/src/compaction/testing/bomb\\.ts$`,
    'These tests use the public entries; tests that need more are beside the code. The bytes of the decompression bomb are shared. The suite that compares the simulated database with Postgres imports the store, in one folder.',
  ),
  onlyImports(
    'tools-import-only-public-entries',
    '^tools/(?!fuzz/adapters/)',
    `^tools/|^test/(harness|e2e|persistence/meter)|${publicEntries}`,
    'Tools use the packages like apps, and the harness of the tests. Only the fuzzers import internal files, in one folder: over HTTP they would run a thousandth of their inputs.',
  ),
]

const everywhere = [
  {
    name: 'only-tests-know-the-depth-of-a-run',
    comment: 'No published file imports a file of the tests.',
    severity: 'error',
    from: { path: '^(packages|apps)/', pathNot: isTest },
    to: { path: depthOfRun },
  },
  {
    name: 'no-cycles',
    comment: 'Type-only cycles count too: two files that import each other should be one file.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'everything-resolves',
    comment: 'Except the peers of the benchmark, which are installed when it runs.',
    severity: 'error',
    from: { pathNot: '^tools/peers/' },
    to: { couldNotResolve: true },
  },
  {
    name: 'packages-are-declared',
    comment: 'An imported package must be in the package.json of the workspace or of the root.',
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
    // Imports may lead to these files, but their own imports are not followed.
    doNotFollow: { path: [external, '(^|/)dist/'] },
    // A template imports files of other templates, beside which it is put.
    exclude: { path: '(^|/)(\\.artifacts|test/data|create-y-electric/templates)/' },
    // Includes `import type`, and imports that compile to nothing.
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['y-electric-source', 'import', 'node', 'default', 'types'],
    },
  },
}
