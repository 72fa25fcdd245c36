import type { ReceiverKind } from '@throughline/model/alert';
import type { AlertFindingView } from '@throughline/model/api/alerts';
import type { NoticeKind } from './alert-record.js';

/** A finding, or what many have in common: then its rule may be a word of its own. */
export type ToldFinding = Omit<AlertFindingView, 'rule'> & { readonly rule: string };

/** One alert that a message tells of. */
export interface Told {
  readonly dedupKey: string;
  readonly finding: ToldFinding;
  /** RFC 3339. */
  readonly startsAt: string;
  /** Null while it fires. */
  readonly endsAt: string | null;
  /** The page of the finding. */
  readonly url: string;
}

/** What a receiver sends on. Everything in it is the same for every attempt but `sentAtMs`. */
export interface Message extends Told {
  readonly id: string;
  readonly kind: NoticeKind;
  readonly sentAtMs: number;
  /** Where the pages begin; links in a finding lead on from here. */
  readonly baseUrl: string;
  /** What the alerts have in common by their route, as `rule="…", workflow="…"`; empty for all of a receiver. */
  readonly group: string;
  /** All that it tells of: one alert, which is the message's own, or many, which its finding sums up. */
  readonly alerts: readonly Told[];
  /** Incidents that end with it, by the dedup keys under which they were told. */
  readonly closes: readonly string[];
}

/** A sign of life. */
export interface Beat {
  readonly id: string;
  readonly sentAtMs: number;
  /** The next one is due after so long. */
  readonly everyMs: number;
  readonly baseUrl: string;
}

/** A way out. `send` settles when the other side has taken the message. */
export interface Receiver {
  readonly name: string;
  readonly kind: ReceiverKind;
  /** @throws DeliveryFault, or a Fault ADDRESS_REFUSED */
  send(message: Message, signal: AbortSignal): Promise<void>;
  /** Left out where nobody would notice that none comes. @throws as `send` */
  beat?(beat: Beat, signal: AbortSignal): Promise<void>;
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

/** More than one alert in one message. */
export function isBundle({ alerts }: Message): boolean {
  return alerts.length > 1;
}

/** What the page behind `url` is called. */
export function opens(message: Message): string {
  return isBundle(message) ? 'Open the alerts' : 'Open the finding';
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
export function evidenceLines({ finding }: Pick<Told, 'finding'>): readonly string[] {
  return finding.evidence.map(({ text, value }) =>
    value === undefined ? text : `${text}: ${value}`,
  );
}

/** The link of a finding as an absolute http(s) address; undefined for anything else. */
export function absoluteLink(
  link: string | undefined,
  { baseUrl }: Pick<Message, 'baseUrl'>,
): string | undefined {
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
