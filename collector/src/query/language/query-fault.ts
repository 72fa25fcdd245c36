import { Fault } from '../../errors.js';

/** A query text that says something the language cannot express, with the place in the text. */
export class QueryFault extends Fault {
  /** In characters (UTF-16 units) of the query text. */
  readonly at: { readonly offset: number; readonly length: number };

  constructor(message: string, at: { offset: number; length: number }) {
    super('BAD_QUERY', message);
    this.name = 'QueryFault';
    this.at = at;
  }
}
