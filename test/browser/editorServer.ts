// The built server with the editor, on a native Postgres. (What `npm start` runs, with its PGlite, is
// for editor.test.ts.)
import { inject } from 'vitest'
import { createDatabase } from '../harness/postgres.ts'
import { editorFolder, type ServerProcess, startServerProcess } from '../replay/serverProcess.ts'

export async function startEditorServer(): Promise<ServerProcess> {
  const database = await createDatabase(inject('databaseUrl'))
  const server = await startServerProcess({
    scriptArguments: ['--editor', editorFolder],
    env: { DATABASE_URL: database.url },
  })
  const stop = async () => {
    await server.stop()
    await database.drop()
  }
  return { ...server, stop }
}
