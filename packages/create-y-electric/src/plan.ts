/** The parts of an app: its package.json, and the folders of templates that are put together. */
import type { Editor, Framework } from './options.ts'
import { type External, VERSIONS } from './versions.ts'

export interface Choice {
  readonly name: string
  readonly framework: Framework
  readonly editor: Editor
}

export interface Plan {
  /** The placeholders of the templates, which are in double braces, and their values. */
  readonly words: Readonly<Record<string, string>>
  /** Folders of `templates`. No two of them have the same file. */
  readonly templates: readonly string[]
  readonly manifest: Readonly<Record<string, unknown>>
}

const OURS = ['y-electric', '@y-electric/documents'] as const

interface Needs {
  readonly app: readonly External[]
  readonly build: readonly External[]
}

const FRAMEWORK_NEEDS: Readonly<Record<Framework, Needs>> = {
  react: {
    app: ['react', 'react-dom'],
    build: ['@types/react', '@types/react-dom', '@vitejs/plugin-react'],
  },
  vue: { app: ['vue'], build: ['@vitejs/plugin-vue'] },
  svelte: { app: ['svelte'], build: ['@sveltejs/vite-plugin-svelte'] },
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
export function planApp({ name, framework, editor }: Choice, version: string): Plan {
  const ofFramework = FRAMEWORK_NEEDS[framework]
  const ofTiptap = editor === 'tiptap' ? TIPTAP_NEEDS[framework] : undefined
  const app: External[] = [
    ...ofFramework.app,
    ...EDITOR_NEEDS[editor],
    ...(ofTiptap === undefined ? [] : [ofTiptap]),
    'y-protocols',
    'yjs',
  ]
  // `tsc` cannot check .vue and .svelte files.
  const isChecked = framework === 'react' || framework === 'vanilla'
  return {
    words: { name, main: framework === 'react' ? 'main.tsx' : 'main.ts' },
    templates: ['common', editor, framework, `${framework}-${editor}`],
    manifest: {
      name,
      private: true,
      version: '0.0.0',
      type: 'module',
      scripts: {
        dev: 'concurrently --kill-others --names server,page "y-electric serve --no-editor" "vite"',
        build: 'vite build',
        start: 'y-electric serve --editor dist',
        ...(isChecked && { types: 'tsc --noEmit' }),
      },
      dependencies: sorted([
        ...OURS.map((one) => [one, version] as const),
        ...app.map(withVersion),
      ]),
      devDependencies: sorted(
        [...ofFramework.build, 'concurrently' as const, 'typescript' as const, 'vite' as const].map(
          withVersion,
        ),
      ),
    },
  }
}

const withVersion = (name: External) => [name, VERSIONS[name]] as const

const sorted = (entries: readonly (readonly [string, string])[]): Record<string, string> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
