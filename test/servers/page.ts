// The snippets of docs/servers.md by name, and programs that run them.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../readme/readme.ts'
import { openSnippetFolder, type SnippetFolder } from '../readme/snippets.ts'

const page = readFileSync(path.join(root, 'docs/servers.md'), 'utf8')

/** Each snippet names itself after its language: ```ts hono */
export const snippets: ReadonlyMap<string, string> = new Map(
  [...page.matchAll(/^```ts (\w+)\n([\s\S]*?)^```$/gm)].map(([, name = '', content = '']) => [
    name,
    content,
  ]),
)

/** The snippets as files, which resolve the packages as they do for a user. */
export async function writeSnippets(): Promise<SnippetFolder> {
  const folder = await openSnippetFolder()
  await folder.write('package.json', '{"type": "module"}')
  for (const [name, content] of snippets) await folder.write(`${name}.ts`, content)
  return folder
}
