const OPERATORS: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
}

/**
 * The value of an arithmetic expression such as `2*(3+4)`; null if the text is not an expression.
 */
export function calculate(expression: string): number | null {
  const tokens = expression.match(/\d+(?:\.\d+)?|\S/g) ?? []
  let at = 0

  function chain(operators: string, operand: () => number): number {
    let value = operand()
    for (let next = tokens[at]; next !== undefined && operators.includes(next); next = tokens[at]) {
      at++
      value = OPERATORS[next]?.(value, operand()) ?? Number.NaN
    }
    return value
  }
  const sum = (): number => chain('+-', () => chain('*/', factor))
  function factor(): number {
    const token = tokens[at++]
    if (token === '-') return -factor()
    if (token !== '(') return Number(token ?? Number.NaN)
    const value = sum()
    return tokens[at++] === ')' ? value : Number.NaN
  }

  const value = sum()
  return at === tokens.length && Number.isFinite(value) ? value : null
}
