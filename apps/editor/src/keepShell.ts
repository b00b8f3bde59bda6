const SHELL = 'y-electric:shell'

/**
 * Keeps this page and its files on the device, so that a reload without a network opens the editor,
 * and in it the documents that the device keeps. Where browsers do not offer that (plain http,
 * private windows), everything else works as before.
 */
export async function keepShell(): Promise<void> {
  if (!('serviceWorker' in navigator) || !('caches' in window)) return
  try {
    await navigator.serviceWorker.register('/sw.js')
    const cache = await caches.open(SHELL)
    const needed = ['/', ...filesOfThisPage()]
    await cache.addAll(await withoutKept(cache, needed))
    await forgetOthers(cache, needed)
  } catch {
    // Offline itself, or not allowed: what was kept before stays.
  }
}

function filesOfThisPage(): string[] {
  const loaded = performance.getEntriesByType('resource').map(({ name }) => new URL(name))
  const own = loaded.filter(({ origin }) => origin === location.origin)
  const files = own.filter(({ pathname }) => /^\/(assets\/|favicon)/.test(pathname))
  return [...new Set(files.map(({ pathname }) => pathname))]
}

/** Names below /assets/ have a hash in them: such a file that is kept need not be loaded again. */
async function withoutKept(cache: Cache, needed: readonly string[]): Promise<string[]> {
  const kept = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname))
  return needed.filter((path) => !path.startsWith('/assets/') || !kept.has(path))
}

/** The files of the version before this one. */
async function forgetOthers(cache: Cache, needed: readonly string[]): Promise<void> {
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url)
    // Fonts for letters that this page happens not to show are as good as ever.
    if (!needed.includes(pathname) && !pathname.endsWith('.woff2')) await cache.delete(request)
  }
}
