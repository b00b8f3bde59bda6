#!/usr/bin/env node
// The command is in @y-electric/documents, which depends on this package, so this package cannot depend on it. If it is not
// installed beside this package, npx runs it in the same version.
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'

const COMMAND = '@y-electric/documents'

/** The file of the installed command; null if it is not installed. */
function installedCommand() {
  try {
    return new URL('../bin/y-electric.js', import.meta.resolve(COMMAND))
  } catch {
    return null
  }
}

async function runByNpx() {
  const manifest = new URL('../package.json', import.meta.url)
  const { version } = JSON.parse(await readFile(manifest, 'utf8'))
  const isWindows = process.platform === 'win32'
  const words = ['--yes', `${COMMAND}@${version}`, ...process.argv.slice(2)]
  const npx = spawn(isWindows ? 'npx.cmd' : 'npx', words, { stdio: 'inherit', shell: isWindows })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to npx too.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) npx.kill(signal)
    })
  }
  npx.on('error', ({ message }) => {
    console.error(
      `y-electric: npx cannot be started (${message}): install ${COMMAND} and run y-electric`,
    )
    process.exitCode = 2
  })
  npx.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
}

const installed = installedCommand()
if (installed === null) await runByNpx()
else await import(installed.href)
