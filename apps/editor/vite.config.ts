import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

export default defineConfig(({ command }) => ({
  base: '/',
  plugins: [react()],
  resolve: {
    // Two copies of yjs in one page break `instanceof` checks inside yjs, and documents fail
    // silently.
    dedupe: ['yjs', 'y-protocols', 'lib0', '@tiptap/pm'],
    // In development the provider is loaded from its source, so that changes show at once; a build
    // uses the published files.
    conditions:
      command === 'serve'
        ? ['y-electric-source', ...defaultClientConditions]
        : [...defaultClientConditions],
  },
  build: {
    outDir: 'dist',
    target: 'es2022',
    chunkSizeWarningLimit: 1200,
    // keepShell.ts reads it.
    manifest: 'files.json',
    // The editor is published as part of @y-electric/documents.
    license: { fileName: 'licenses.md' },
  },
  server: { proxy: { '/api': 'http://localhost:4000' } },
}))
