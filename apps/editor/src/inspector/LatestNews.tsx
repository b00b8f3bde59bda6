import { type CSSProperties, useState } from 'react'
import { whenInWords } from '../documents/when.ts'
import { summaryInWords, summaryOf } from './changeSummary.ts'
import { colorOfClient, type Names, writersInWords } from './clients.ts'
import type { Log, News } from './log.ts'
import { useNow } from './timing.ts'
import { bytesInWords, counted } from './units.ts'

const FEW = 8
const CLOCK_MS = 20_000

/** The latest events: rows, rolls and folds. */
export function LatestNews({ log, names }: { log: Log; names: Names }) {
  const [isLong, setLong] = useState(false)
  const now = useNow(CLOCK_MS)
  if (log.news.length === 0) return null
  const turning = log.news.find(({ kind }) => kind !== 'row')
  return (
    <>
      <table className="news">
        <caption className="visually-hidden">The latest rows, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Row</th>
            <th scope="col">Change</th>
            <th scope="col">Writer</th>
            <th scope="col">Size</th>
            <th scope="col">When</th>
          </tr>
        </thead>
        <tbody>
          {log.news.slice(0, isLong ? undefined : FEW).map((news) => (
            <NewsLine
              key={keyOf(news)}
              news={news}
              names={names}
              when={news.at === null ? 'earlier' : whenInWords(news.at, now)}
            />
          ))}
        </tbody>
      </table>
      {log.news.length > FEW && (
        <button type="button" className="button-quiet" onClick={() => setLong(!isLong)}>
          {isLong ? 'Show fewer' : `Show ${log.news.length - FEW} more`}
        </button>
      )}
      <p className="visually-hidden" role="status">
        {turning === undefined ? '' : turningInWords(turning)}
      </p>
    </>
  )
}

interface NewsLineProps {
  news: News
  names: Names
  when: string
}

function NewsLine({ news, names, when }: NewsLineProps) {
  if (news.kind !== 'row') {
    return (
      <tr className="news-turning" data-kind={news.kind}>
        <td />
        <td colSpan={3}>{turningInWords(news)}</td>
        <td>{when}</td>
      </tr>
    )
  }
  const { seq, data } = news.row
  const summary = summaryOf(data)
  const [writer] = summary.writers
  return (
    <tr
      data-kind="row"
      data-new={news.at !== null || undefined}
      data-bad={summary.problem !== null || undefined}
    >
      <td>{seq}</td>
      <td>{summaryInWords(summary)}</td>
      <td>
        {writer !== undefined && (
          <i
            className="dot"
            style={{ '--person': colorOfClient(names, writer) } as CSSProperties}
          />
        )}
        {writersInWords(names, summary.writers)}
      </td>
      <td>{bytesInWords(data.byteLength)}</td>
      <td>{when}</td>
    </tr>
  )
}

function keyOf(news: News): string {
  if (news.kind === 'row') return `row ${news.row.seq} ${news.row.segment}`
  return news.kind === 'roll' ? `roll ${news.segment}` : `fold ${news.through}`
}

function turningInWords(news: News): string {
  if (news.kind === 'roll') {
    return `Segment ${news.segment} was sealed with ${counted(news.rows, 'row')}; segment ${news.segment + 1} receives the writes.`
  }
  if (news.kind === 'fold') {
    return `${counted(news.rows, 'row')} folded into one snapshot row: ${bytesInWords(news.before)} became ${bytesInWords(news.after)}.`
  }
  return ''
}
