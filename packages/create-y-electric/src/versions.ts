/** The versions of the packages in a new app. Ours have the version of this package: see plan.ts. */

// Each package of TipTap requires exactly its own version of the others: a range would mix them. This is the newest
// version in which all of them exist: 3.31.3 is the last one of extension-collaboration-caret.
const TIPTAP = '3.31.3'

export const VERSIONS = {
  '@codemirror/view': '^6.43.0',
  '@sveltejs/vite-plugin-svelte': '^7.3.1',
  '@tiptap/core': TIPTAP,
  '@tiptap/extension-collaboration': TIPTAP,
  '@tiptap/extension-collaboration-caret': TIPTAP,
  '@tiptap/pm': TIPTAP,
  '@tiptap/react': TIPTAP,
  '@tiptap/starter-kit': TIPTAP,
  '@tiptap/vue-3': TIPTAP,
  '@tiptap/y-tiptap': '^3.0.9',
  '@types/node': '^20.19.43',
  '@types/react': '^19.3.0',
  '@types/react-dom': '^19.3.0',
  '@vitejs/plugin-react': '^6.3.0',
  '@vitejs/plugin-vue': '^6.0.11',
  codemirror: '^6.0.2',
  // Version 10 needs Node 22.
  concurrently: '^9.2.3',
  hono: '^4.7.0',
  next: '^16.4.6',
  pg: '^8.16.3',
  react: '^19.3.1',
  'react-dom': '^19.3.1',
  svelte: '^5.57.3',
  typescript: '^6.0.3',
  vite: '^8.3.8',
  vue: '^3.5.45',
  'y-codemirror.next': '^0.3.6',
  'y-protocols': '^1.0.7',
  yjs: '^13.6.33',
} as const

export type External = keyof typeof VERSIONS
