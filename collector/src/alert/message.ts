import type { FindingView } from '@throughline/model/api/findings';
import type { ReceiverKind } from '@throughline/model/alert';
import type { NoticeKind } from './alert-record.js';

/** What a receiver sends on. Everything in it is the same for every attempt but `sentAt`. */
export interface Message {
  readonly id: string;
  readonly dedupKey: string;
  readonly kind: NoticeKind;
  readonly finding: FindingView;
  /** RFC 3339. */
  readonly startsAt: string;
  /** Null while it fires. */
  readonly endsAt: string | null;
  readonly sentAtMs: number;
  /** The page of the finding. */
  readonly url: string;
  /** Where the pages begin; links in a finding lead on from here. */
  readonly baseUrl: string;
}

/** A way out. `send` settles when the other side has taken the message. */
export interface Receiver {
  readonly name: string;
  readonly kind: ReceiverKind;
  /** @throws DeliveryFault, or a Fault ADDRESS_REFUSED */
  send(message: Message, signal: AbortSignal): Promise<void>;
}

/** A message that was not taken; worth another try. */
export class DeliveryFault extends Error {
  readonly retryAfterMs: number | null;

  constructor(message: string, options: { retryAfterMs?: number | null; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DeliveryFault';
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** `FIRING` or `RESOLVED`, and the finding's own sentence. */
export function headline({ kind, finding }: Message): string {
  return `${kind.toUpperCase()}: ${finding.sentence}`;
}

/** What a finding says of itself in a few words each; unknown things are left out. */
export function facts(message: Message): readonly (readonly [string, string])[] {
  const { finding } = message;
  const said: readonly (readonly [string, string | null])[] = [
    ['Rule', finding.rule],
    ['Severity', finding.severity],
    ['Where', finding.where],
    ['Workflow', finding.workflow],
    ['Since', finding.openedAt],
    ['Until', message.endsAt],
    ['Runs affected', String(finding.runsAffected)],
    ['Verdict', finding.verdict],
    ['Owner', finding.owner],
  ];
  return said.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}

/** One line for each piece of evidence. */
export function evidenceLines({ finding }: Message): readonly string[] {
  return finding.evidence.map(({ text, value }) =>
    value === undefined ? text : `${text}: ${value}`,
  );
}

/** The link of a finding as an absolute http(s) address; undefined for anything else. */
export function absoluteLink(link: string | undefined, { baseUrl }: Message): string | undefined {
  if (link === undefined) return undefined;
  const base = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`;
  const relative = link.startsWith('/') ? link.slice(1) : link;
  if (!URL.canParse(relative, base)) return undefined;
  const { protocol, href } = new URL(relative, base);
  return protocol === 'http:' || protocol === 'https:' ? href : undefined;
}

/** At most so many characters, with an ellipsis where something was cut; never half a character. */
export function cut(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  return `${text.slice(0, charsMax - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
