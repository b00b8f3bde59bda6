// The examples of docs/vue.md, docs/svelte.md and docs/solid.md, built with each framework's own plugin for Vite.
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import vue from '@vitejs/plugin-vue'
import { build, type PluginOption } from 'vite'
import solid from 'vite-plugin-solid'
import { docsPage } from '../readme/readme.ts'
import { openSnippetFolder, type SnippetFolder } from '../readme/snippets.ts'

export type Framework = 'vue' | 'svelte' | 'solid'

/** A built example. */
export interface Example {
  /** Shows the component in the element. @returns a function that removes it */
  mount(element: HTMLElement, docId: string): () => void
  openDocuments(): readonly string[]
}

interface Recipe {
  readonly file: string
  readonly main: string
  readonly plugin: () => PluginOption
}

const RECIPES: Readonly<Record<Framework, Recipe>> = {
  vue: {
    file: 'Tasks.vue',
    main: `import { createApp } from 'vue'
      import Tasks from './Tasks.vue'
      export function mount(element, docId) {
        const app = createApp(Tasks, { docId })
        app.mount(element)
        return () => app.unmount()
      }`,
    plugin: () => vue(),
  },
  svelte: {
    file: 'Tasks.svelte',
    main: `import { mount as show, unmount } from 'svelte'
      import Tasks from './Tasks.svelte'
      export function mount(target, docId) {
        const component = show(Tasks, { target, props: { docId } })
        return () => void unmount(component)
      }`,
    plugin: () => svelte({ configFile: false }),
  },
  solid: {
    file: 'Tasks.tsx',
    main: `import { createComponent } from 'solid-js'
      import { render } from 'solid-js/web'
      import Tasks from './Tasks.tsx'
      export const mount = (element, docId) => render(() => createComponent(Tasks, { docId }), element)`,
    plugin: () => solid(),
  },
}

export const FRAMEWORKS = Object.keys(RECIPES) as Framework[]

/** Yjs exists once in this process, and needs no build. */
const OUTSIDE = [/^yjs$/, /^lib0/, /^y-protocols/, /^@electric-sql/, /^idb$/]

/** Builds and loads an example, in a page's process. */
export async function loadExample(
  framework: Framework,
): Promise<{ example: Example; folder: SnippetFolder }> {
  const { file, main, plugin } = RECIPES[framework]
  const snippet = docsPage(framework).blocks.find(({ language }) => language !== 'sh')
  const folder = await openSnippetFolder()
  await folder.write(file, snippet?.content ?? '')
  const entry = await folder.write(
    'main.js',
    `${main}\nexport { openDocuments } from 'y-electric/${framework}'`,
  )
  await build({
    root: folder.path,
    configFile: false,
    logLevel: 'warn',
    plugins: [plugin()],
    define: { 'process.env.NODE_ENV': JSON.stringify('production') },
    build: {
      minify: false,
      target: 'es2022',
      lib: { entry, formats: ['es'], fileName: 'example' },
      rollupOptions: { external: OUTSIDE },
    },
  })
  const built = path.join(folder.path, 'dist/example.js')
  return { example: await import(pathToFileURL(built).href), folder }
}
