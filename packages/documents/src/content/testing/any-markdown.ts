// Random Markdown, both usual and unusual.
import fc from 'fast-check'

const LINES = [
  ...[
    '# Title',
    'Title\n===',
    'plain words',
    '**bold** and _both **in** it_',
    '~~gone~~ ~one~',
    '`code`',
  ],
  ...[
    '* one\n* two',
    '1. one\n2. two',
    '3) three',
    '- [x] done\n- [ ] not',
    '1. [x] done',
    '* [ ] a\n* b',
  ],
  ...[
    '> quote\nlazy',
    '> * in\n>   > deep',
    '```js title\ncode\n\n```',
    '    indented',
    '~~~\n```\n~~~',
  ],
  ...[
    '| a | b |\n| :- | -: |\n| 1 | 2 | 3 |',
    '| a |\n| --- |\n| `x\\|y` <br> z |',
    '|a|\n|-|',
    '***',
    '---',
  ],
  ...[
    '[a](https://e.example "t")',
    '[a]: /x\n[a]',
    '![pic](/p.png)',
    '[![b](/b.png)](/l)',
    'a ![i](/i.png) b',
  ],
  ...[
    '<https://e.example>',
    'www.e.example',
    'a@b.example',
    '[x](javascript:alert(1))',
    'a[^1]\n\n[^1]: note',
  ],
  ...[
    '<div align="center">\n\n# in\n\n</div>',
    '<p>html</p>',
    '<!-- c -->',
    'a <u>b</u> <b>c',
    '<table><tr><td>',
  ],
  ...[
    '&amp; &#x20; &nbsp;x',
    'a\\\nb',
    'a  \nb',
    'a\nb',
    '  a  b  ',
    '\\*no\\*',
    '\tx',
    '* \n  x',
    '+',
    '-\ta',
  ],
]

/** Lines below each other, or nested in each other. */
const { text: anyText } = fc.letrec<{ text: string; part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom(...LINES),
    tie('text').map((text) => text.replaceAll(/^/gm, '> ')),
    tie('text').map((text) => `* ${text.replaceAll('\n', '\n  ')}`),
    tie('text').map((text) => `12. [ ] ${text.replaceAll('\n', '\n    ')}`),
  ),
  text: fc
    .array(fc.tuple(tie('part'), fc.constantFrom('\n', '\n\n', '\r\n\r\n')), { maxLength: 4 })
    .map((parts) => parts.flat().join('')),
}))

export const anyMarkdown = fc
  .tuple(fc.constantFrom('', '', '---\na: 1\n---\n'), anyText)
  .map(([matter, text]) => matter + text)
