// The script of the page that browser tests open, as one file.
import path from 'node:path'
import { build, defaultClientConditions } from 'vite'

/** lab.ts and all that it imports; the provider from its source. */
export async function bundleLab(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    resolve: {
      conditions: ['y-electric-source', ...defaultClientConditions],
      dedupe: ['yjs', 'lib0', 'y-protocols'],
    },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry: path.join(import.meta.dirname, 'lab.ts'), formats: ['es'], fileName: 'lab' },
    },
  })
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) =>
    'output' in one ? one.output : [],
  )
  const chunk = outputs.find((output) => output.type === 'chunk')
  if (chunk?.type !== 'chunk') throw new Error('the page has no script')
  return chunk.code
}
