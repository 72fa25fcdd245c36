import type { Statement } from '@throughline/model/finding';
import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';

/** What a rule says, with what the life of a finding needs besides. */
export interface Judged {
  readonly statement: Statement;
  /** Every affected run, without the bound of `statement.runIds`. */
  readonly members: ReadonlySet<RunId>;
  /** When it became true for the last run that joined: a closed finding opens again for something newer. */
  readonly newestNs: UnixNs;
}
