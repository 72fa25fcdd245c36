import type { Statement } from '@throughline/model/finding';
import type { UnixNs } from '@throughline/model/time';
import type { Members } from '../affected.js';

/** What a rule says, with what the life of a finding needs besides. */
export interface Judged {
  readonly statement: Statement;
  /** Every affected run, without the bound of `statement.runIds`. */
  readonly members: Members;
  /** When it became true for the last run that joined: a closed finding opens again for something newer. */
  readonly newestNs: UnixNs;
}
