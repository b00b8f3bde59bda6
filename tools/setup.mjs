// Installs missing packages before every command. If none is missing it returns at once; `npm install` would
// take seconds to check this.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
/** The stamp of the last installation. It is deleted together with the installed folder. */
const stampFile = path.join(root, 'node_modules/.y-electric-setup')

const wanted = fingerprint()
if (readStamp() !== wanted) {
  const { status } = spawnSync('npm', ['install', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
  // npm may have changed the lock file, so the stamp is computed after the installation.
  writeFileSync(stampFile, fingerprint())
}

/** Changes with every manifest, the lock file, and the platform that native packages are built for. */
function fingerprint() {
  const { workspaces } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  const hash = createHash('sha256')
  hash.update(`${process.platform} ${process.arch} ${process.version}\n`)
  for (const file of ['package.json', 'package-lock.json', ...workspaces.flatMap(manifestsOf)]) {
    hash.update(file).update(readFileSync(path.join(root, file)))
  }
  return hash.digest('hex')
}

/** The manifests that match a pattern of `workspaces`: a folder, or `folder/*`. */
function manifestsOf(pattern) {
  const parent = pattern.replace(/\/\*$/, '')
  const folders =
    parent === pattern
      ? [pattern]
      : readdirSync(path.join(root, parent)).map((name) => `${parent}/${name}`)
  const manifests = folders.map((folder) => `${folder}/package.json`).sort()
  return manifests.filter((file) => existsSync(path.join(root, file)))
}

function readStamp() {
  try {
    return readFileSync(stampFile, 'utf8')
  } catch {
    return ''
  }
}
