// Bundles the script of the page that browser tests open.
import path from 'node:path'
import { build, defaultClientConditions } from 'vite'

/** The scripts of a page by their names; the page loads `page.js`, which loads the others. */
export type PageScripts = Readonly<Record<string, string>>

/** lab.ts with all its imports; the provider is bundled from its source, in chunks as in an app. */
export const bundleLab = (): Promise<PageScripts> => bundlePage('lab.ts')

/** guardLab.ts with all its imports. */
export const bundleGuardLab = (): Promise<PageScripts> => bundlePage('guardLab.ts')

async function bundlePage(file: string): Promise<PageScripts> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    resolve: {
      conditions: ['y-electric-source', ...defaultClientConditions],
      dedupe: ['yjs', 'lib0', 'y-protocols', '@tiptap/core', '@tiptap/pm'],
    },
    // Some dependencies read this variable, and a library build does not replace it.
    define: { 'process.env.NODE_ENV': JSON.stringify('production') },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry: path.join(import.meta.dirname, file), formats: ['es'], fileName: 'page' },
      rollupOptions: {
        output: {
          chunkFileNames: ({ isDynamicEntry }) =>
            isDynamicEntry ? 'late-[hash].js' : 'shared-[hash].js',
        },
      },
    },
  })
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) =>
    'output' in one ? one.output : [],
  )
  return Object.fromEntries(
    outputs.flatMap((output) => (output.type === 'chunk' ? [[output.fileName, output.code]] : [])),
  )
}
