import { absoluteLink, cut, evidenceLines, type Message, type Receiver } from '../message.js';
import type { PostJson } from '../post-json.js';

/** Events API v2; accounts in Europe have another address. */
export const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue';

const SUMMARY_CHARS_MAX = 1_024;
const DEDUP_KEY_CHARS_MAX = 255;

export interface PagerdutyTarget {
  readonly name: string;
  readonly url: URL;
  readonly routingKey: string;
  readonly post: PostJson;
}

/** Events for PagerDuty's Events API v2: a trigger and a resolve with the same `dedup_key`. */
export function pagerduty({ name, url, routingKey, post }: PagerdutyTarget): Receiver {
  return {
    name,
    kind: 'pagerduty',
    send: async (message, signal) => {
      for (const event of pagerdutyEvents(message, routingKey)) {
        await post({ url, body: JSON.stringify(event) }, signal);
      }
    },
  };
}

/** Many alerts are one incident: it is resolved when the last of them is over. */
export function pagerdutyEvents(message: Message, routingKey: string): readonly unknown[] {
  if (message.kind === 'firing') return [pagerdutyEvent(message, routingKey)];
  return message.closes.map((dedupKey) => pagerdutyEvent({ ...message, dedupKey }, routingKey));
}

function pagerdutyEvent(message: Message, routingKey: string): unknown {
  const { kind, finding, dedupKey, startsAt, url } = message;
  return {
    routing_key: routingKey,
    event_action: kind === 'firing' ? 'trigger' : 'resolve',
    dedup_key: cut(dedupKey, DEDUP_KEY_CHARS_MAX),
    client: 'Throughline',
    client_url: url,
    links: linksOf(message),
    payload: {
      summary: cut(finding.sentence, SUMMARY_CHARS_MAX),
      source: finding.subject.label,
      severity: finding.severity,
      timestamp: startsAt,
      component: finding.where,
      class: finding.rule,
      ...(finding.workflow === null ? {} : { group: finding.workflow }),
      custom_details: {
        evidence: evidenceLines(message),
        next: finding.next.map(({ text, command }) =>
          command === undefined ? text : `${text}: ${command}`,
        ),
        runs_affected: finding.runsAffected,
        run_ids: finding.runIds,
        verdict: finding.verdict,
        owner: finding.owner,
        confidence: finding.confidence,
      },
    },
  };
}

function linksOf(message: Message): { href: string; text: string }[] {
  const found = message.finding.next.flatMap(({ text, link }) => {
    const href = absoluteLink(link, message);
    return href === undefined ? [] : [{ href, text }];
  });
  return [{ href: message.url, text: 'The finding' }, ...found];
}
