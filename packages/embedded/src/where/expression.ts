export type Operand =
  | { kind: 'column'; name: string; at: number }
  | { kind: 'text'; value: string; at: number }
  | { kind: 'number'; value: string; at: number }
  | { kind: 'boolean'; value: boolean; at: number }
  | { kind: 'null'; at: number }
  | { kind: 'parameter'; index: number; at: number }

export type Operator =
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | 'LIKE'
  | 'ILIKE'
  | 'NOT LIKE'
  | 'NOT ILIKE'

/** A where clause as it was written. A shape takes less of it than a subset: see `condition.ts`. */
export type Expression =
  | { kind: 'and' | 'or'; parts: readonly Expression[]; at: number }
  | { kind: 'not'; part: Expression; at: number }
  | { kind: 'compare'; operator: Operator; left: Operand; right: Operand; at: number }
  | { kind: 'in'; negated: boolean; left: Operand; list: readonly Operand[]; at: number }
  | { kind: 'any'; left: Operand; right: Operand; at: number }
  | { kind: 'isNull'; negated: boolean; operand: Operand; at: number }
  | { kind: 'operand'; operand: Operand; at: number }
