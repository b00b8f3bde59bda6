import pictures from '../styles/pictures.css?inline'
import prose from '../styles/prose.css?inline'
import tables from '../styles/tables.css?inline'
import tokens from '../styles/tokens.css?inline'

/** A frame without an origin has no `'self'`, so the policy names its server. */
const policy = (origin: string, showsRemoteImages: boolean): string =>
  `default-src 'none'; img-src data: ${showsRemoteImages ? 'http: https:' : origin}; style-src 'unsafe-inline'`

const STYLE = `${tokens}
*, *::before, *::after { box-sizing: border-box }
html { background: var(--paper) }
body { margin: 0 }
.prose { padding-block: 1.5rem 3rem }
${prose}
${tables}
${pictures}`

/**
 * A separate page around the server's HTML, in the typography of this one. Its links open in a new
 * tab. It loads images of its own server, and of others only if the reader allows it.
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
