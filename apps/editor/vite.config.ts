import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

export default defineConfig(({ command }) => ({
  base: '/',
  plugins: [react()],
  resolve: {
    // Two copies of yjs in one page break `instanceof` inside it, and documents fail without a word.
    dedupe: ['yjs', 'y-protocols', 'lib0', '@tiptap/pm'],
    // In development the provider is read from its source, so that a change there shows at once;
    // a build takes what its users get.
    conditions:
      command === 'serve'
        ? ['y-electric-source', ...defaultClientConditions]
        : [...defaultClientConditions],
  },
  build: { outDir: 'dist', target: 'es2022', chunkSizeWarningLimit: 1200 },
  server: { proxy: { '/api': 'http://localhost:4000' } },
}))
