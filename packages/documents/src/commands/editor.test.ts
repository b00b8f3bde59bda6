import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { publishedEditor } from './editor.ts'

test('the command finds the editor that is published beside it, and serves none without one', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-editor-'))
  try {
    const command = pathToFileURL(path.join(folder, 'main.js')).href
    expect(publishedEditor(command)).toBeNull()
    await mkdir(path.join(folder, 'editor'))
    expect(publishedEditor(command)).toBe(path.join(folder, 'editor'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
