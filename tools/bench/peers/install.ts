// Installs the other providers on the first run, and after their versions have changed.
import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** A copy of the lock file of the last installation. */
const INSTALLED = 'node_modules/.installed-lock.json'

/** @throws {Error} if npm fails, for example without a network */
export async function installPeers(folder: string, say: (line: string) => void): Promise<void> {
  const [wanted, installed] = await Promise.all([
    readFile(path.join(folder, 'package-lock.json'), 'utf8'),
    readFile(path.join(folder, INSTALLED), 'utf8').catch(() => null),
  ])
  if (wanted === installed) return
  say(`installing the peers in ${path.relative(process.cwd(), folder)}`)
  // The scripts of these packages would build an optional database that the benchmark does not use.
  const child = spawn('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  if (code !== 0) {
    throw new Error(`npm could not install the peers in ${folder} (exit code ${code}): see above`)
  }
  await writeFile(path.join(folder, INSTALLED), wanted)
}
