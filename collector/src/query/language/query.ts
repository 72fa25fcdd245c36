/**
 * The query language of the run list: terms joined by AND.
 *
 *   status:active workflow:checkout name:"exact words" event:payment.* attr.tenant=acme duration>=200ms
 *
 * A term is a field, an operator and a value. `*` in an unquoted value stands for any characters; a quoted
 * value is taken as it is, with `\"` for a quote and `\\` for a backslash.
 */
export type Operator = ':' | '=' | '>' | '>=' | '<' | '<=';

/** Text to compare with: exact, or with wildcards. */
export interface TextPattern {
  readonly text: string;
  readonly hasWildcards: boolean;
}

export type QueryTerm =
  | { readonly field: TextField; readonly pattern: TextPattern }
  | { readonly field: 'key'; readonly text: string }
  | { readonly field: 'error'; readonly expected: boolean }
  | { readonly field: 'duration'; readonly operator: Operator; readonly ms: number }
  | {
      readonly field: 'attribute';
      readonly name: string;
      readonly operator: Operator;
      readonly pattern: TextPattern;
    };

export type TextField =
  'status' | 'pattern' | 'workflow' | 'service' | 'destination' | 'name' | 'event' | 'finding';

/** The terms of a query; a run matches when it matches every one. */
export type Query = readonly QueryTerm[];
