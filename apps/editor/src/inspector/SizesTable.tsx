import { Moment } from './Moment.tsx'
import type { Turn } from './sizes.ts'
import { bytesInWords } from './units.ts'

/** The folds in numbers, newest first. */
export function SizesTable({ turns }: { turns: readonly Turn[] }) {
  const now = Date.now()
  return (
    <details className="sizes-table">
      <summary>The folds in numbers</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Folded</th>
            <th scope="col">Rows</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {turns.toReversed().map(({ seq, at, rows, before, after, isExact }) => (
            <tr key={seq}>
              <td>
                <Moment at={Date.parse(at)} now={now} />
              </td>
              <td>{rows.toLocaleString('en')}</td>
              <td>
                {isExact ? '' : 'at least '}
                {bytesInWords(before)}
              </td>
              <td>{bytesInWords(after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
