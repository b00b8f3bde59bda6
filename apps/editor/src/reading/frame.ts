import prose from '../styles/prose.css?inline'
import tables from '../styles/tables.css?inline'
import tokens from '../styles/tokens.css?inline'

const POLICY = "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'"

const STYLE = `${tokens}
*, *::before, *::after { box-sizing: border-box }
html { background: var(--paper) }
body { margin: 0 }
.prose { padding-block: 1.5rem 3rem }
${prose}
${tables}`

/** A page of its own around the server's HTML, in this one's typography. Its links open in a new tab. */
export const framed = (html: string): string => `<!doctype html>
<html lang="">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="referrer" content="no-referrer">
<base target="_blank">
<title>Document text</title>
<style>${STYLE}</style>
<main class="prose">${html}</main>
</html>`
