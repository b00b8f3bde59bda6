// Makes small repositories in the temporary folder, and runs the real linters on them.
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../..')
const workspaces = {
  'packages/y-electric': 'y-electric',
  'packages/server': '@y-electric/server',
  'packages/documents': '@y-electric/documents',
  'packages/embedded': '@y-electric/embedded',
  'packages/create-y-electric': 'create-y-electric',
  'apps/editor': '@y-electric/editor',
  test: '@y-electric/test',
  tools: '@y-electric/tools',
}

export type Files = Record<string, string>

export interface Verdict {
  readonly passed: boolean
  readonly output: string
}

/**
 * Makes a repository with the given files, the real configuration and the real package.json files.
 */
export async function withFixture<T>(
  files: Files,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'y-electric-architecture-')))
  const at = (file: string) => path.join(folder, file)
  try {
    for (const file of [
      '.gitignore',
      'biome.json',
      'package.json',
      'test/architecture/pure.grit',
    ]) {
      await cp(path.join(root, file), at(file))
    }
    await mkdir(at('node_modules/@y-electric'), { recursive: true })
    for (const [workspace, name] of Object.entries(workspaces)) {
      await cp(path.join(root, workspace, 'package.json'), at(`${workspace}/package.json`))
      await symlink(at(workspace), at(`node_modules/${name}`))
    }
    for (const name of [
      'yjs',
      'lib0',
      'hono',
      'pg',
      'vitest',
      'fast-check',
      'vue',
      '@types/node',
    ]) {
      await mkdir(path.dirname(at(`node_modules/${name}`)), { recursive: true })
      await symlink(path.join(root, 'node_modules', name), at(`node_modules/${name}`))
    }
    for (const [file, content] of Object.entries(files)) {
      await mkdir(path.dirname(at(file)), { recursive: true })
      await writeFile(at(file), content)
    }
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export function runDepcruise(folder: string): Promise<Verdict> {
  return run(folder, 'dependency-cruiser/bin/dependency-cruise.mjs', [
    '--config',
    path.join(root, '.dependency-cruiser.mjs'),
    'packages',
    'apps',
    'test',
    'tools',
  ])
}

/** Runs Biome. The output has one line for each finding. */
export function runBiome(folder: string): Promise<Verdict> {
  return run(folder, '@biomejs/biome/bin/biome', [
    'lint',
    '--reporter=github',
    '--max-diagnostics=200',
    '.',
  ])
}

function run(folder: string, bin: string, args: string[]): Promise<Verdict> {
  return new Promise((resolve) => {
    const command = [path.join(root, 'node_modules', bin), ...args]
    execFile(process.execPath, command, { cwd: folder }, (error, stdout, stderr) => {
      const output = (stdout + stderr).replaceAll(`${folder}/`, '')
      resolve({ passed: error === null, output })
    })
  })
}
