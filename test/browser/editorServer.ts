// The built server with the editor, on a native Postgres. (editor.test.ts tests what `npm start`
// runs, with PGlite.)
import { createDatabase } from '../harness/postgres.ts'
import { editorFolder, type ServerProcess, startServerProcess } from '../harness/serverProcess.ts'

/**
 * Creates a database in the Postgres at `databaseUrl`, and starts a server for it.
 * @param env more settings of the server
 */
export async function startEditorServer(
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const database = await createDatabase(databaseUrl)
  const server = await startServerProcess({
    scriptArguments: ['--editor', editorFolder],
    env: { ...env, DATABASE_URL: database.url },
  })
  const stop = async () => {
    await server.stop()
    await database.drop()
  }
  return { ...server, stop }
}
