/** A type that a cast may name, by its name in pg_catalog. */
export interface TypeName {
  readonly name: string
  readonly isArray: boolean
}

/** A parsed where clause, without its parentheses. `at` is a position in its text. */
export type Expression = { readonly at: number } & (
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'parameter'; readonly index: number }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'not'; readonly part: Expression }
  | {
      readonly kind: 'binary'
      readonly operator: string
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | {
      readonly kind: 'in'
      readonly negated: boolean
      readonly left: Expression
      readonly list: readonly Expression[]
    }
  | {
      readonly kind: 'between'
      readonly negated: boolean
      readonly symmetric: boolean
      readonly operand: Expression
      readonly low: Expression
      readonly high: Expression
    }
  | {
      readonly kind: 'quantified'
      readonly operator: string
      readonly quantifier: 'ANY' | 'ALL'
      readonly left: Expression
      readonly array: Expression
    }
  | {
      readonly kind: 'is'
      readonly test: 'NULL' | 'TRUE' | 'FALSE' | 'UNKNOWN'
      readonly negated: boolean
      readonly operand: Expression
    }
  | {
      readonly kind: 'distinct'
      readonly negated: boolean
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'cast'
      readonly type: TypeName
      readonly operand: Expression
      /**
       * True if the operand may be a word such as 'today', which would mean another time tomorrow.
       * The cast then fails for such words.
       */
      readonly isGuarded?: boolean
    }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | {
      readonly kind: 'element'
      readonly array: Expression
      readonly indexes: readonly Index[]
    }
)

/** `[2]` or `[1:2]`, whose bounds may be omitted. */
export type Index =
  | { readonly kind: 'one'; readonly at: Expression }
  | { readonly kind: 'slice'; readonly from: Expression | null; readonly to: Expression | null }

export type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>
