import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The page and the API have one origin: Vite passes /api on to the server, which `npm run dev` starts too.
const server = `http://127.0.0.1:${process.env.PORT ?? 4000}`

export default defineConfig({
  plugins: [react()],
  // The database in .data changes with every edit, and is no part of the page.
  server: { proxy: { '/api': server }, watch: { ignored: ['**/.data/**'] } },
})
