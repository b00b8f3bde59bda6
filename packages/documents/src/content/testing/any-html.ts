// Random unchecked HTML.
import fc from 'fast-check'

const RUN = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  '&#x20;javascript&colon;alert(1)',
  'java&#9;script:alert(1)',
  'vbscript:x',
  'data:text/html,<script>alert(1)</script>',
  'https://ok.example/',
]
const value = fc.constantFrom(...RUN, '"><script>alert(1)</script>', "' onerror='x", 'x')
const attribute = fc
  .tuple(
    fc.constantFrom(
      ...['href', 'src', 'poster', 'style', 'onclick', 'onerror', 'srcdoc', 'action', 'xlink:href'],
      ...['data-y-node', 'data-y-mark', 'data-type', 'background', 'formaction', 'id', 'class'],
    ),
    value,
  )
  .map(([name, text]) => `${name}="${text.replaceAll('"', '&quot;')}"`)
const stored = fc
  .tuple(
    fc.constantFrom('data-y-attrs', 'data-y-marks'),
    fc.constantFrom('src', 'href', 'url', 'poster', 'color', 'website', 'textAlign', 'align'),
    value,
    fc.boolean(),
  )
  .map(([name, key, text, isNested]) => {
    const attrs = { [key]: isNested ? [{ deep: text }] : text }
    const json = JSON.stringify(name === 'data-y-marks' ? [{ type: 'link', attrs }] : attrs)
    return `${name}="${json.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`
  })
const known = fc
  .tuple(
    fc.constantFrom('data-y-node', 'data-y-mark'),
    fc.constantFrom(
      'link',
      'image',
      'video',
      'iframe',
      'script',
      'doc',
      'text',
      'own',
      'textStyle',
      'table',
    ),
  )
  .map(([name, type]) => `${name}="${type}"`)
const tag = fc.constantFrom(
  ...['a', 'img', 'p', 'div', 'span', 'video', 'audio', 'iframe', 'svg', 'script', 'style', 'form'],
  ...[
    'object',
    'embed',
    'math',
    'td',
    'table',
    'li',
    'ul',
    'pre',
    'code',
    'input',
    'template',
    'font',
    'figure',
    'figcaption',
  ],
)
/** HTML from a possible attacker: any nesting, addresses that run scripts, and our own attributes. */
export const { html: anyHtml } = fc.letrec<{ html: string; part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom('text', '<!-- c -->', '<![CDATA[x]]>', '</p>', '<', '&lt;script>'),
    fc
      .tuple(tag, fc.array(fc.oneof(attribute, stored, known), { maxLength: 4 }), tie('html'))
      .map(([name, attributes, inner]) => `<${[name, ...attributes].join(' ')}>${inner}</${name}>`),
  ),
  html: fc.array(tie('part'), { maxLength: 3 }).map((parts) => parts.join('')),
}))
