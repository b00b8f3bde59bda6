// Losses of a conversion between formats. Nothing is dropped silently: each loss is counted.

/** The kind of thing that is lost. */
export const LOSS_KINDS = [
  /** A node, a shared type or an HTML element, together with everything that only it holds. */
  'node',
  /** One attribute, named `node.attribute`. Its node is kept. */
  'attribute',
  /** A mark or format of text. The text is kept. */
  'mark',
  /** An address that could run a script, named `node.attribute`. The text or the picture's alt text is kept. */
  'address',
  /** Text that no reader shows. */
  'text',
  /** A structure, for example table cells that become lines. Its content is kept. */
  'structure',
  /** More losses than a list names. */
  'more',
] as const

export type LossKind = (typeof LOSS_KINDS)[number]

/** Content that a conversion could not keep, with its number of occurrences. */
export interface Loss {
  readonly kind: LossKind
  /** The name in the document, for example `image` or `paragraph.textAlign`. */
  readonly name: string
  readonly count: number
}

/** How many losses a list names; the rest are counted together. */
export const MAX_LOSSES = 50
/** The maximum length of a name in UTF-16 code units. Names come from documents, so longer ones are cut. */
export const MAX_LOSS_NAME = 80

/** Collects losses during one conversion. */
export class Losses {
  readonly #counts = new Map<string, { kind: LossKind; name: string; count: number }>()
  #more = 0

  /** Counts a loss. The same kind and name are one entry of the list. */
  add(kind: LossKind, name: string, count = 1): void {
    const short = name.length > MAX_LOSS_NAME ? `${name.slice(0, MAX_LOSS_NAME - 1)}…` : name
    const key = `${kind} ${short}`
    const found = this.#counts.get(key)
    if (found !== undefined) found.count += count
    else if (this.#counts.size < MAX_LOSSES) this.#counts.set(key, { kind, name: short, count })
    else this.#more += count
  }

  /** Adds the losses of another conversion that converted a part. */
  addAll(others: Losses): void {
    for (const { kind, name, count } of others.#counts.values()) this.add(kind, name, count)
    this.#more += others.#more
  }

  /** The losses so far, in the order of their first occurrence. Empty if everything was kept. */
  list(): Loss[] {
    const named = [...this.#counts.values()].map((loss) => ({ ...loss }))
    return this.#more === 0 ? named : [...named, more(this.#more)]
  }
}

const more = (count: number): Loss => ({ kind: 'more', name: 'other losses', count })

/** The response header that lists losses, for bodies that have no place for them. */
export const LOSSES_HEADER = 'y-electric-losses'

/** Bytes of the header's value. Proxies refuse responses whose headers are longer than some kilobytes. */
export const MAX_LOSSES_HEADER_BYTES = 2_000

/** The losses as ASCII JSON that fits into a header: losses that do not fit are counted together. */
export function lossesHeader(losses: readonly Loss[]): string {
  for (let named = losses.length; named > 0; named--) {
    const value = toAscii(JSON.stringify(shortened(losses, named)))
    if (value.length <= MAX_LOSSES_HEADER_BYTES) return value
  }
  return toAscii(JSON.stringify(shortened(losses, 0)))
}

function shortened(losses: readonly Loss[], named: number): readonly Loss[] {
  if (named >= losses.length) return losses
  const left = losses.slice(named).reduce((sum, { count }) => sum + count, 0)
  return [...losses.slice(0, named), more(left)]
}

const toAscii = (json: string): string =>
  json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** One line for people: `2 × attribute paragraph.textAlign, 1 × node video`. */
export const describeLosses = (losses: readonly Loss[]): string =>
  losses.map(({ kind, name, count }) => `${count} × ${kind} ${name}`).join(', ')
