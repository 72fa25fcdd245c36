import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import { msFromNs } from '@throughline/model/time';
import type { MessageTrail } from '@throughline/model/traffic';
import type { Affected } from './affected.js';

export interface Taker {
  readonly service: string;
  readonly atNs: UnixNs;
}

/** A message as the rules about consumers see it. Never changed: what the run shows later is another one. */
export class SentMessage implements Affected {
  readonly runId: RunId;
  readonly workflow: string;
  /** When it was sent. */
  readonly sinceNs: UnixNs;
  readonly producer: string | null;
  readonly undeliverable: boolean;
  readonly isAside: boolean;
  readonly takers: readonly Taker[];
  /** Filed in order: it has been here long enough for its takings to have arrived, too. */
  isSettled = false;
  /** Replaced or taken back. */
  isGone = false;

  constructor(trail: MessageTrail, run: { readonly runId: RunId; readonly workflow: string }) {
    this.runId = run.runId;
    this.workflow = run.workflow;
    this.sinceNs = trail.sentAtNs ?? NEVER_SENT;
    this.producer = trail.producer;
    this.undeliverable = trail.undeliverable;
    this.isAside = trail.deadLettered !== null;
    this.takers = takersOf(trail);
  }

  /** The sending itself was seen. */
  get wasSent(): boolean {
    return this.sinceNs !== NEVER_SENT;
  }

  get isUntaken(): boolean {
    return this.takers.length === 0 && !this.isAside;
  }

  /** Milliseconds between sending and the first taking. */
  get waitMs(): number | null {
    const first = this.takers[0];
    if (first === undefined || !this.wasSent) return null;
    let takenAtNs = first.atNs;
    for (const { atNs } of this.takers) if (atNs < takenAtNs) takenAtNs = atNs;
    return Math.max(0, msFromNs(takenAtNs - this.sinceNs));
  }

  /** Whether the trail says of the message what this one says. */
  isOf(trail: MessageTrail, workflow: string): boolean {
    return (
      this.sinceNs === (trail.sentAtNs ?? NEVER_SENT) &&
      this.takers.length === trail.consumers.length &&
      this.isAside === (trail.deadLettered !== null) &&
      this.undeliverable === trail.undeliverable &&
      this.producer === trail.producer &&
      this.workflow === workflow &&
      this.takers.every(({ service, atNs }, index) => {
        const other = trail.consumers[index];
        return other?.service === service && other.atNs === atNs;
      })
    );
  }
}

const NEVER_SENT = -1n as UnixNs;
const NOBODY: readonly Taker[] = [];

function takersOf({ consumers }: MessageTrail): readonly Taker[] {
  if (consumers.length === 0) return NOBODY;
  return consumers.map(({ service, atNs }) => ({ service, atNs }));
}
