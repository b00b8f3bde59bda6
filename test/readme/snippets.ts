// Writes the snippets of README.md as files into a folder where all packages resolve as they do for a
// user: to the build, through node_modules.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { root } from './readme.ts'

// The folder is inside the repository, because packages are searched upwards. Git and the linters ignore it.
const parent = path.join(root, '.artifacts')

export interface SnippetFolder {
  readonly path: string
  write(name: string, content: string): Promise<string>
  remove(): Promise<void>
}

export async function openSnippetFolder(): Promise<SnippetFolder> {
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(path.join(parent, 'readme-'))
  return {
    path: folder,
    async write(name, content) {
      const file = path.join(folder, name)
      await mkdir(path.dirname(file), { recursive: true })
      await writeFile(file, content)
      return file
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** The errors of TypeScript for the folder, under the strict settings of this repository. */
export async function checkTypes(folder: SnippetFolder): Promise<string> {
  const settings = {
    extends: path.join(root, 'tsconfig.base.json'),
    // Without the condition for sources, since a user gets the published files.
    compilerOptions: { noEmit: true, types: ['node'], jsx: 'react-jsx', customConditions: [] },
    include: ['.'],
  }
  await folder.write('tsconfig.json', JSON.stringify(settings))
  // The compiler that builds the packages; the one in .bin takes four times as long.
  const compiler = path.join(root, 'node_modules/typescript-7/bin/tsc')
  return (await runTool(compiler, ['-p', folder.path, '--pretty', 'false', '--singleThreaded']))
    .output
}

/** Bundles the page of a folder like `vite build` without settings. */
export async function bundlePage(folder: string, base = '/'): Promise<void> {
  const vite = path.join(root, 'node_modules/.bin/vite')
  const { code, output } = await runTool(vite, [
    'build',
    folder,
    '--base',
    base,
    '--logLevel',
    'warn',
  ])
  if (code !== 0) throw new Error(`vite: ${output}`)
}

function runTool(script: string, args: string[]): Promise<{ code: number; output: string }> {
  const { NODE_ENV, VITEST, ...env } = process.env
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, output: `${stdout}${stderr}`.trim() })
    })
  })
}
