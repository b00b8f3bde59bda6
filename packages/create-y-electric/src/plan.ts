/** The parts of an app: its package.json, and the folders of templates that are put together. */
import type { Editor, Framework, Server } from './options.ts'
import { type External, VERSIONS } from './versions.ts'

export interface Choice {
  readonly name: string
  readonly framework: Framework
  readonly editor: Editor
  readonly server: Server
}

export interface Plan {
  /** The placeholders of the templates, which are in double braces, and their values. */
  readonly words: Readonly<Record<string, string>>
  /** Folders of `templates`. No two of them have the same file. */
  readonly templates: readonly string[]
  readonly manifest: Readonly<Record<string, unknown>>
}

interface Needs {
  readonly app: readonly External[]
  readonly build: readonly External[]
}

/** The parts of an app that depend on its server. */
interface ServerPart {
  /** Our packages. */
  readonly ours: readonly string[]
  readonly needs: Needs
  readonly scripts: Readonly<Record<string, string>>
  /** The command that checks the types of an app that `tsc` can check. */
  readonly types: string
}

const SERVER_PARTS: Readonly<Record<Server, ServerPart>> = {
  node: {
    ours: ['y-electric', '@y-electric/documents'],
    needs: { app: [], build: ['concurrently', 'typescript', 'vite'] },
    scripts: {
      dev: 'concurrently --kill-others --names server,page "y-electric serve --no-editor" "vite"',
      build: 'vite build',
      start: 'y-electric serve --editor dist',
    },
    types: 'tsc --noEmit',
  },
  next: {
    ours: ['y-electric', '@y-electric/documents', '@y-electric/embedded', '@y-electric/server'],
    needs: { app: ['hono', 'next', 'pg'], build: ['@types/node', 'typescript'] },
    scripts: { dev: 'next dev', build: 'next build', start: 'next start' },
    types: 'next typegen && tsc --noEmit',
  },
}

/** The plugins of Vite for a framework, which builds the page beside a server of its own. */
const VITE_NEEDS: Readonly<Record<Framework, readonly External[]>> = {
  react: ['@vitejs/plugin-react'],
  vue: ['@vitejs/plugin-vue'],
  svelte: ['@sveltejs/vite-plugin-svelte'],
  vanilla: [],
}

const FRAMEWORK_NEEDS: Readonly<Record<Framework, Needs>> = {
  react: { app: ['react', 'react-dom'], build: ['@types/react', '@types/react-dom'] },
  vue: { app: ['vue'], build: [] },
  svelte: { app: ['svelte'], build: [] },
  vanilla: { app: [], build: [] },
}

const EDITOR_NEEDS: Readonly<Record<Editor, readonly External[]>> = {
  tiptap: [
    '@tiptap/core',
    '@tiptap/extension-collaboration',
    '@tiptap/extension-collaboration-caret',
    '@tiptap/pm',
    '@tiptap/starter-kit',
    '@tiptap/y-tiptap',
  ],
  codemirror: ['@codemirror/view', 'codemirror', 'y-codemirror.next'],
}

/** TipTap's own binding for a framework. */
const TIPTAP_NEEDS: Readonly<Partial<Record<Framework, External>>> = {
  react: '@tiptap/react',
  vue: '@tiptap/vue-3',
}

/** @param version the version of our packages */
export function planApp({ name, framework, editor, server }: Choice, version: string): Plan {
  const { ours, needs, scripts, types } = SERVER_PARTS[server]
  const ofFramework = FRAMEWORK_NEEDS[framework]
  const ofTiptap = editor === 'tiptap' ? TIPTAP_NEEDS[framework] : undefined
  const app: External[] = [
    ...ofFramework.app,
    ...needs.app,
    ...EDITOR_NEEDS[editor],
    ...(ofTiptap === undefined ? [] : [ofTiptap]),
    'y-protocols',
    'yjs',
  ]
  const build = [
    ...ofFramework.build,
    ...needs.build,
    ...(server === 'node' ? VITE_NEEDS[framework] : []),
  ]
  // `tsc` cannot check .vue and .svelte files.
  const isChecked = framework === 'react' || framework === 'vanilla'
  return {
    words: { name, main: framework === 'react' ? 'main.tsx' : 'main.ts' },
    templates: [
      'common',
      server,
      editor,
      framework,
      `${framework}-${editor}`,
      ...(framework === 'react' && server === 'node' ? ['react-node'] : []),
    ],
    manifest: {
      name,
      private: true,
      version: '0.0.0',
      type: 'module',
      scripts: { ...scripts, ...(isChecked && { types }) },
      dependencies: sorted([
        ...ours.map((one) => [one, version] as const),
        ...app.map(withVersion),
      ]),
      devDependencies: sorted(build.map(withVersion)),
    },
  }
}

const withVersion = (name: External) => [name, VERSIONS[name]] as const

const sorted = (entries: readonly (readonly [string, string])[]): Record<string, string> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
