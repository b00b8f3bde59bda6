// Checks the accessibility of a page with axe.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

let script: Promise<string> | undefined

interface Violation {
  readonly impact: string
  readonly id: string
  readonly nodes: readonly { readonly html: string }[]
}

/** Returns the violations that axe rates serious or critical. */
export async function barriers(page: Page): Promise<string[]> {
  // The axe script has half a megabyte, so it is loaded once per page.
  if (!(await page.evaluate("'axe' in window"))) {
    script ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    await page.evaluate(await script)
  }
  // All rules run; axe collects every element only for violations.
  const found = await page.evaluate<Violation[]>(
    "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)",
  )
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}
