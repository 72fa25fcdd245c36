import type { MessageFacet, Step, StepRole } from '@throughline/model/step';
import type { Told } from './wire-span.case.js';

/** What a span of a library must become; of the message only what the row names. */
export interface LibraryRow {
  readonly library: string;
  readonly span: Told;
  readonly role: StepRole;
  readonly message: Partial<MessageFacet> | null;
  readonly more?: Partial<Step>;
}
