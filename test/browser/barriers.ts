// What keeps people from using a page, as far as axe finds it.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

let script: Promise<string> | undefined

interface Violation {
  readonly impact: string
  readonly id: string
  readonly nodes: readonly { readonly html: string }[]
}

/** Finds what axe takes for serious or critical. */
export async function barriers(page: Page): Promise<string[]> {
  // Half a megabyte of script: once for each page.
  if (!(await page.evaluate("'axe' in window"))) {
    script ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    await page.evaluate(await script)
  }
  // All rules run; only of the violations axe gathers every place.
  const found = await page.evaluate<Violation[]>(
    "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)",
  )
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}
