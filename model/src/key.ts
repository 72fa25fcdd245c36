/** How a key ties steps: `same` = one run, `child-of` = parent and child run, `touches` = searchable only. */
export type KeyRelation = 'same' | 'child-of' | 'touches';

/** A typed value that ties steps together, for example (`order`, `8123`). */
export interface Key {
  readonly type: string;
  readonly value: string;
  readonly relation: KeyRelation;
}

/**
 * Makes an attribute a key. `attribute` is an attribute name or a path into a structured value:
 * `data.links[].target` takes `target` of each element. `services` limits the rule to those services.
 */
export interface KeyRule {
  readonly attribute: string;
  readonly type: string;
  readonly relation: KeyRelation;
  readonly services?: readonly string[];
}

/** The type of the key that a message's correlation id gives. */
export const CORRELATION_KEY = 'correlation';
