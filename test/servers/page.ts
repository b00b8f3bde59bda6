// The snippets of docs/servers.md by name, and programs that run them.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { docsPage, root } from '../readme/readme.ts'
import { openSnippetFolder, type SnippetFolder } from '../readme/snippets.ts'

const page = readFileSync(path.join(root, 'docs/servers.md'), 'utf8')

/** Each snippet names itself after its language: ```ts hono */
export const snippets: ReadonlyMap<string, string> = new Map(
  [...page.matchAll(/^```ts (\w+)\n([\s\S]*?)^```$/gm)].map(([, name = '', content = '']) => [
    name,
    content,
  ]),
)

/** The file that a snippet names in brackets after its language: ```ts [api.ts] */
export const fileOf = (info: string): string | undefined => /^\[(.+)\]$/.exec(info)?.[1]

/** The files of a section, for frameworks that build an app, by path. */
export const filesOfSection = (heading: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    docsPage('servers').blocks.flatMap((block) => {
      const file = fileOf(block.info)
      return block.heading === heading && file !== undefined ? [[file, block.content]] : []
    }),
  )

/** The snippets as files, which resolve the packages as they do for a user. */
export async function writeSnippets(): Promise<SnippetFolder> {
  const folder = await openSnippetFolder()
  await folder.write('package.json', '{"type": "module"}')
  for (const [name, content] of snippets) await folder.write(`${name}.ts`, content)
  return folder
}
