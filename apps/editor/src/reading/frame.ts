import prose from '../styles/prose.css?inline'
import tables from '../styles/tables.css?inline'
import tokens from '../styles/tokens.css?inline'

/** A frame without an origin has no `'self'`: its own server is named. */
const policy = (origin: string, showsRemoteImages: boolean): string =>
  `default-src 'none'; img-src data: ${showsRemoteImages ? 'http: https:' : origin}; style-src 'unsafe-inline'`

const STYLE = `${tokens}
*, *::before, *::after { box-sizing: border-box }
html { background: var(--paper) }
body { margin: 0 }
.prose { padding-block: 1.5rem 3rem }
${prose}
${tables}`

/**
 * A page of its own around the server's HTML, in this one's typography. Its links open in a new tab. It
 * loads pictures of its own server, and others only if the reader wants that.
 */
export const framed = (
  html: string,
  { origin, showsRemoteImages }: { origin: string; showsRemoteImages: boolean },
): string => `<!doctype html>
<html lang="">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(origin, showsRemoteImages)}">
<meta name="referrer" content="no-referrer">
<base target="_blank">
<title>Document text</title>
<style>${STYLE}</style>
<main class="prose">${html}</main>
</html>`
