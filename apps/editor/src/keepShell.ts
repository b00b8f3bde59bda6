const SHELL = 'y-electric:shell'

/**
 * Stores this page and its files on the device, so that a reload without a network opens the editor
 * and the documents stored on the device. In browsers without this feature (plain http, private
 * windows) everything else works as before.
 */
export async function keepShell(): Promise<void> {
  if (!('serviceWorker' in navigator) || !('caches' in window)) return
  try {
    await navigator.serviceWorker.register('/sw.js')
    const cache = await caches.open(SHELL)
    const needed = [...new Set(['/', ...filesOfThisPage(), ...(await filesOfTheBuild())])]
    await cache.addAll(await withoutKept(cache, needed))
    await forgetOthers(cache, needed)
  } catch {
    // Offline or not allowed: the files stored before remain.
  }
}

function filesOfThisPage(): string[] {
  const loaded = performance.getEntriesByType('resource').map(({ name }) => new URL(name))
  const own = loaded.filter(({ origin }) => origin === location.origin)
  const files = own.filter(({ pathname }) => /^\/(assets\/|favicon)/.test(pathname))
  return [...new Set(files.map(({ pathname }) => pathname))]
}

/** All scripts and styles: parts that are loaded on demand must also work without a network. */
async function filesOfTheBuild(): Promise<string[]> {
  const response = await fetch('/files.json')
  const manifest = (await response.json()) as Record<string, { file: string; css?: string[] }>
  return Object.values(manifest)
    .flatMap(({ file, css = [] }) => [file, ...css])
    .filter((file) => /\.(js|css)$/.test(file))
    .map((file) => `/${file}`)
}

/** Names below /assets/ contain a hash, so a stored file need not be loaded again. */
async function withoutKept(cache: Cache, needed: readonly string[]): Promise<string[]> {
  const kept = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname))
  return needed.filter((path) => !path.startsWith('/assets/') || !kept.has(path))
}

/** Deletes the files of the previous version. */
async function forgetOthers(cache: Cache, needed: readonly string[]): Promise<void> {
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url)
    // Fonts stay valid even if this page does not need them at the moment.
    if (!needed.includes(pathname) && !pathname.endsWith('.woff2')) await cache.delete(request)
  }
}
