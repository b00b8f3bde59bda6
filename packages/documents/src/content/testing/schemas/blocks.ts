// Random nested lists, tables and quotes.
import fc from 'fast-check'
import type { PmNode } from '../../prosemirror/nodes.ts'
import { node } from './parts.ts'

/**
 * Random blocks that may be nested in each other.
 * @param leaf blocks that contain no other blocks
 * @param line the inline content of a paragraph
 * @param names converts TipTap's node names to those of the schema
 */
export function nested(
  leaf: fc.Arbitrary<PmNode>,
  line: fc.Arbitrary<PmNode[]>,
  names: (name: string) => string,
): fc.Arbitrary<PmNode[]> {
  const align = fc.constantFrom(null, null, 'left', 'center', 'right')
  const { blocks } = fc.letrec<{ blocks: PmNode[]; block: PmNode; items: PmNode[][] }>((tie) => ({
    block: fc.oneof(
      { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
      { weight: 6, arbitrary: leaf },
      { weight: 1, arbitrary: tie('blocks').map((content) => node('blockquote', content)) },
      {
        weight: 2,
        arbitrary: tie('items').map((items) =>
          node(
            names('bulletList'),
            items.map((content) => node(names('listItem'), content)),
          ),
        ),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom(0, 1, 3, 12), tie('items'), fc.constantFrom(null, true, false))
          .map(([start, items, checked]) =>
            node(
              names('orderedList'),
              items.map((content) =>
                node(names('listItem'), content, checked === null ? {} : { checked }),
              ),
              { start },
            ),
          ),
      },
      {
        weight: 1,
        arbitrary: tie('items').map((items) =>
          node(
            'taskList',
            items.map((content, i) => node('taskItem', content, { checked: i % 2 === 0 })),
          ),
        ),
      },
      {
        weight: 2,
        arbitrary: table(
          fc.oneof(
            { weight: 3, arbitrary: line.map((content) => [node('paragraph', content)]) },
            tie('blocks'),
          ),
          align,
        ),
      },
    ),
    blocks: fc.array(tie('block'), { minLength: 1, maxLength: 4 }),
    items: fc.array(
      fc
        .tuple(line, fc.option(tie('blocks'), { freq: 3 }))
        .map(([first, rest]) => [node('paragraph', first), ...(rest ?? [])]),
      { minLength: 1, maxLength: 3 },
    ),
  }))
  return blocks
}

function table(
  blocks: fc.Arbitrary<PmNode[]>,
  align: fc.Arbitrary<string | null>,
): fc.Arbitrary<PmNode> {
  return fc
    .tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 2 }),
      fc.constantFrom(true, true, false),
      fc.array(fc.tuple(blocks, fc.constantFrom(1, 1, 1, 1, 1, 2), align), {
        minLength: 9,
        maxLength: 9,
      }),
      fc.boolean(),
    )
    .map(([columns, rows, header, cells, even]) =>
      node(
        'table',
        Array.from({ length: rows + 1 }, (_, row) =>
          node(
            'tableRow',
            Array.from({ length: columns }, (_, column) => {
              const [content, colspan, own] = cells[row * 3 + column] ?? [[], 1, null]
              const align = even ? (cells[column]?.[2] ?? null) : own
              return node(header && row === 0 ? 'tableHeader' : 'tableCell', content, {
                colspan: even ? 1 : colspan,
                rowspan: 1,
                ...(align === null ? {} : { align }),
              })
            }),
          ),
        ),
      ),
    )
}
