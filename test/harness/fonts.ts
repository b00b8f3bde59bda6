// The fonts of the browser tests. Without fonts Chromium gives text no width: typed text appears in the wrong
// order and elements count as hidden. So the tests use fonts of their own, and pages look the same on every
// machine.
import { randomUUID } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'

/**
 * Returns the environment in which Chromium finds only the fonts of the tests. Only Linux builds of
 * Chromium read it; others use the system's fonts.
 */
export async function fontEnvironment(): Promise<Record<string, string>> {
  if (os.platform() !== 'linux') return {}
  const folder = path.resolve(import.meta.dirname, '../../.artifacts/fonts')
  const file = path.join(folder, 'fonts.conf')
  await mkdir(folder, { recursive: true })
  // Test files run in parallel: no process may read a file that another one is still writing.
  const unfinished = `${file}.${randomUUID()}`
  await writeFile(unfinished, configuration(fontFolder(), path.join(folder, 'cache')))
  await rename(unfinished, file)
  return { FONTCONFIG_FILE: file }
}

function fontFolder(): string {
  const manifest = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')
  return path.join(path.dirname(manifest), 'ttf')
}

/** A configuration of fontconfig: https://www.freedesktop.org/software/fontconfig/fontconfig-user.html */
function configuration(fonts: string, cache: string): string {
  const families = {
    'sans-serif': 'DejaVu Sans',
    serif: 'DejaVu Serif',
    monospace: 'DejaVu Sans Mono',
  }
  const aliases = Object.entries(families).map(
    ([generic, family]) =>
      `  <alias binding="same"><family>${generic}</family><prefer><family>${family}</family></prefer></alias>`,
  )
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>${escaped(fonts)}</dir>
  <cachedir>${escaped(cache)}</cachedir>
${aliases.join('\n')}
</fontconfig>
`
}

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
