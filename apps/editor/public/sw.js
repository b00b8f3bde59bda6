// Lets the editor open without a network. `keepShell.ts` stores the page and its files in this
// cache. The provider stores the documents, and requests below /api do not pass through this
// worker.
const SHELL = 'y-electric:shell'

self.addEventListener('install', (event) => {
  // In browsers that support it, requests to the API do not even start this worker.
  event.addRoutes?.({
    condition: { urlPattern: new URLPattern({ pathname: '/api/*' }) },
    source: 'network',
  })
  self.skipWaiting()
})

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  if (url.pathname.startsWith('/api/')) return
  event.respondWith(request.mode === 'navigate' ? page(request) : file(request))
})

/** The page from the server, or the stored one if the server cannot be reached. */
async function page(request) {
  try {
    return await fetch(request)
  } catch (error) {
    const shell = await caches.open(SHELL)
    const kept = await shell.match('/')
    if (kept === undefined) throw error
    return kept
  }
}

/** File names contain a hash of the content, so a stored file is always correct. */
async function file(request) {
  const shell = await caches.open(SHELL)
  return (await shell.match(request)) ?? fetch(request)
}
