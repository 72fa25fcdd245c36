import {
  absoluteLink,
  cut,
  evidenceLines,
  facts,
  headline,
  opens,
  type Message,
  type Receiver,
} from '../message.js';
import type { PostJson } from '../post-json.js';

/** Bounds of Slack's block kit: characters, and fields of one section. */
const HEADER_CHARS_MAX = 150;
const SECTION_CHARS_MAX = 3_000;
const FIELD_CHARS_MAX = 2_000;
const FIELDS_MAX = 10;
const TEXT_CHARS_MAX = 4_000;

export interface SlackTarget {
  readonly name: string;
  readonly url: URL;
  readonly post: PostJson;
}

/** Blocks for an incoming webhook, with the plain text that notifications show. */
export function slack({ name, url, post }: SlackTarget): Receiver {
  return {
    name,
    kind: 'slack',
    send: (message, signal) => post({ url, body: JSON.stringify(slackBody(message)) }, signal),
  };
}

export function slackBody(message: Message): unknown {
  const { kind, finding, url } = message;
  const title = `${kind.toUpperCase()} · ${finding.rule} · ${finding.where}`;
  const fields = facts(message).map(([name, value]) => ({
    type: 'mrkdwn',
    text: cut(`*${name}*\n${escaped(value)}`, FIELD_CHARS_MAX),
  }));
  return {
    text: cut(escaped(headline(message)), TEXT_CHARS_MAX),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(title, HEADER_CHARS_MAX) } },
      section(escaped(finding.sentence)),
      { type: 'section', fields: fields.slice(0, FIELDS_MAX) },
      ...bullets('Evidence', evidenceLines(message).map(escaped)),
      ...bullets('Next', nextLines(message)),
      {
        type: 'actions',
        elements: [{ type: 'button', text: { type: 'plain_text', text: opens(message) }, url }],
      },
    ],
  };
}

function nextLines(message: Message): string[] {
  return message.finding.next.map(({ text, command, link }) => {
    const target = absoluteLink(link, message);
    const words = target === undefined ? escaped(text) : `<${target}|${escaped(text)}>`;
    return command === undefined ? words : `${words}: \`${escaped(command)}\``;
  });
}

function bullets(title: string, lines: readonly string[]): unknown[] {
  if (lines.length === 0) return [];
  return [section(`*${title}*\n${lines.map((line) => `• ${line}`).join('\n')}`)];
}

function section(text: string): unknown {
  return { type: 'section', text: { type: 'mrkdwn', text: cut(text, SECTION_CHARS_MAX) } };
}

/** Slack asks for these three, and no others. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
