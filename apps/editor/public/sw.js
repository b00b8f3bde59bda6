// Lets the editor open without a network. What is kept here is the page and its files, put there by
// keepShell.ts; the documents are kept by the provider, and nothing below /api passes through here.
const SHELL = 'y-electric:shell'

self.addEventListener('install', (event) => {
  // Where the browser can, requests to the API do not even wake this worker.
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

/** The newest page there is: the server's, or the one that was kept when it cannot be reached. */
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

/** Files carry a hash of their content in their name: one that was kept is the right one. */
async function file(request) {
  const shell = await caches.open(SHELL)
  return (await shell.match(request)) ?? fetch(request)
}
