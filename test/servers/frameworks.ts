// The frameworks of docs/servers.md that build an app: what their own starters install and write, and a page that uses a
// document.
import type { Page } from 'playwright-core'
import { type Block, docsPage } from '../readme/readme.ts'
import { fileOf } from './page.ts'
import type { Front } from './people.ts'

export interface Framework extends Front {
  /** Its section in docs/servers.md, and its name in the table there. */
  readonly name: string
  /** The package whose version the table has. */
  readonly main: string
  readonly dependencies: Readonly<Record<string, string>>
  /** Files by path, besides those of docs/servers.md. */
  readonly files: Readonly<Record<string, string>>
  /** The ways to build and start it. */
  readonly modes: readonly {
    readonly mode: string
    readonly build: string | null
    readonly start: (port: number) => string
  }[]
  /** Settings of its server, which docs/servers.md names. */
  readonly env?: Readonly<Record<string, string>>
  /** The page as the server renders it. */
  readonly rendered: RegExp
  /** Makes an edit in the page. */
  edit(page: Page): Promise<void>
  /** The page after that edit, once it is saved. */
  readonly edited: string
  /** Other pages after that edit, by path. */
  readonly others?: Readonly<Record<string, string>>
}

/** The first snippet of this kind on a page of docs/. */
function snippetIn(page: string, isWanted: (block: Block) => boolean): string {
  const found = docsPage(page).blocks.find(isWanted)
  if (found === undefined) throw new Error(`docs/${page}.md does not have the snippet`)
  return found.content
}

const next: Framework = {
  name: 'Next.js',
  passesOnEncoding: false,
  main: 'next',
  dependencies: {
    next: '16.4.6',
    react: '19.3.1',
    'react-dom': '19.3.1',
    typescript: '6.0.3',
    '@types/node': '20.19.43',
    '@types/react': '19.3.0',
  },
  files: {
    'app/layout.tsx': `export default function Layout({ children }: { children: React.ReactNode }) {
  return <html lang="en"><body>{children}</body></html>
}
`,
    'app/page.tsx': snippetIn('react', ({ info }) => fileOf(info) === 'app/page.tsx'),
    'app/suspended/page.tsx': `'use client'
import { Suspense } from 'react'
import { DocumentProvider, useDocument } from 'y-electric/react'

function Title() {
  const { doc } = useDocument('poll', { suspense: true })
  return <h1>{doc.getArray('votes').length} votes at first</h1>
}

export default function Page() {
  return <DocumentProvider url="/api"><Suspense fallback={<p>Opening…</p>}><Title /></Suspense></DocumentProvider>
}
`,
  },
  modes: [
    { mode: 'Turbopack', build: 'npx next build', start: (port) => `npx next start -p ${port}` },
    {
      mode: 'webpack',
      build: 'npx next build --webpack',
      start: (port) => `npx next start -p ${port}`,
    },
    { mode: 'dev', build: null, start: (port) => `npx next dev -p ${port}` },
  ],
  rendered: /<button>0(<!-- -->)? votes/,
  edit: (page) => page.getByRole('button', { name: 'votes' }).click(),
  edited: '1 votes, Saved',
  others: { '/suspended': '1 votes at first' },
}

/** Adds a line to the list of tasks that docs/svelte.md and docs/vue.md have. */
async function addTask(page: Page): Promise<void> {
  await page.locator('input').fill('Write tests')
  await page.locator('input').press('Enter')
}

const svelteKit: Framework = {
  name: 'SvelteKit',
  passesOnEncoding: true,
  main: '@sveltejs/kit',
  dependencies: {
    '@sveltejs/adapter-node': '5.5.7',
    '@sveltejs/kit': '2.70.4',
    '@sveltejs/vite-plugin-svelte': '7.3.1',
    svelte: '5.57.3',
    typescript: '6.0.3',
    vite: '8.3.8',
  },
  files: {
    'svelte.config.js': `import adapter from '@sveltejs/adapter-node'
export default { kit: { adapter: adapter() } }
`,
    'vite.config.ts': `import { sveltekit } from '@sveltejs/kit/vite'
export default { plugins: [sveltekit()] }
`,
    'src/app.html': `<!doctype html>
<html lang="en"><head>%sveltekit.head%</head><body><div>%sveltekit.body%</div></body></html>
`,
    'src/lib/Tasks.svelte': snippetIn('svelte', ({ language }) => language === 'svelte'),
    'src/routes/+page.svelte': `<script lang="ts">import Tasks from '$lib/Tasks.svelte'</script>
<Tasks docId="tasks" />
`,
  },
  modes: [{ mode: 'adapter-node', build: 'npx vite build', start: () => 'node build' }],
  env: { BODY_SIZE_LIMIT: 'Infinity' },
  rendered: /<p>Saved/,
  edit: addTask,
  edited: 'Write tests',
}

const nuxt: Framework = {
  name: 'Nuxt',
  passesOnEncoding: true,
  main: 'nuxt',
  dependencies: { nuxt: '4.4.5', typescript: '6.0.3', vue: '3.5.45' },
  files: {
    'app/components/Tasks.vue': snippetIn('vue', ({ language }) => language === 'vue'),
    'app/app.vue': `<template><Tasks doc-id="tasks" /></template>
`,
  },
  modes: [{ mode: 'Nitro', build: 'npx nuxt build', start: () => 'node .output/server/index.mjs' }],
  rendered: /<p>Saved/,
  edit: addTask,
  edited: 'Write tests',
}

export const FRAMEWORKS: readonly Framework[] = [next, svelteKit, nuxt]
