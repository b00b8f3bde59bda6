// Shows the progress of a replay: as a bar in a terminal, as lines in a log.
import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  /** Shows the totals so far. */
  update(progress: { edits: number; rows: number }): void
  stop(): void
}

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean }

const lineEveryMs = 2_000

export function startProgress(totalEdits: number, output: Output): Progress {
  return output.isTTY ? startBar(totalEdits, output) : startLines(totalEdits, output)
}

function startBar(totalEdits: number, output: Output): Progress {
  const bar = new SingleBar(
    {
      format: '  {bar} {percentage}%  {value} of {total} edits, {rows} rows, {duration_formatted}',
      stream: output,
      hideCursor: true,
    },
    Presets.shades_classic,
  )
  bar.start(totalEdits, 0, { rows: 0 })
  return {
    update: ({ edits, rows }) => bar.update(edits, { rows }),
    stop: () => bar.stop(),
  }
}

function startLines(totalEdits: number, output: Output): Progress {
  let saidAt = performance.now()
  return {
    update({ edits, rows }) {
      if (performance.now() - saidAt < lineEveryMs && edits < totalEdits) return
      saidAt = performance.now()
      output.write(`  ${edits} of ${totalEdits} edits, ${rows} rows\n`)
    },
    stop() {},
  }
}
