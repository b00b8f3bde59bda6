// The script of the page that browser tests open, as one file.
import path from 'node:path'
import { build, defaultClientConditions } from 'vite'

/** lab.ts and all that it imports; the provider from its source. */
export const bundleLab = (): Promise<string> => bundlePageScript('lab.ts')

/** guardLab.ts and all that it imports. */
export const bundleGuardLab = (): Promise<string> => bundlePageScript('guardLab.ts')

/** A file of this folder and all that it imports, as one script. */
async function bundlePageScript(file: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    resolve: {
      conditions: ['y-electric-source', ...defaultClientConditions],
      dedupe: ['yjs', 'lib0', 'y-protocols', '@tiptap/core', '@tiptap/pm'],
    },
    // Some dependencies ask for it, and a library build leaves it in.
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
