// Bundles the script of the page that browser tests open.
import path from 'node:path'
import { build, defaultClientConditions } from 'vite'

/** lab.ts with all its imports; the provider is bundled from its source. */
export const bundleLab = (): Promise<string> => bundlePageScript('lab.ts')

/** guardLab.ts with all its imports. */
export const bundleGuardLab = (): Promise<string> => bundlePageScript('guardLab.ts')

/** Bundles a file of this folder with all its imports into one script. */
async function bundlePageScript(file: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    resolve: {
      conditions: ['y-electric-source', ...defaultClientConditions],
      dedupe: ['yjs', 'lib0', 'y-protocols', '@tiptap/core', '@tiptap/pm'],
    },
    // Some dependencies read it, and a library build does not replace it.
    define: { 'process.env.NODE_ENV': JSON.stringify('production') },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry: path.join(import.meta.dirname, file), formats: ['es'], fileName: 'page' },
    },
  })
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) =>
    'output' in one ? one.output : [],
  )
  const chunk = outputs.find((output) => output.type === 'chunk')
  if (chunk?.type !== 'chunk') throw new Error('the page has no script')
  return chunk.code
}
