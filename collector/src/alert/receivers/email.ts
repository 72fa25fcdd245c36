import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import { LIMITS } from '../../limits.js';
import type { AddressGuard } from '../address-guard.js';
import {
  absoluteLink,
  cut,
  DeliveryFault,
  evidenceLines,
  facts,
  headline,
  opens,
  type Message,
  type Receiver,
} from '../message.js';

const SUBJECT_CHARS_MAX = 200;

export interface EmailTarget {
  readonly name: string;
  readonly to: string;
  readonly from: string;
  /** `smtp://user:password@host:port`, or `smtps://` for TLS from the start. */
  readonly server: URL;
  readonly guard: AddressGuard;
}

/** A mail over SMTP, as text and as HTML. All mails of one episode stand in one thread. */
export function email(target: EmailTarget): Receiver {
  return {
    name: target.name,
    kind: 'email',
    send: async (message, signal) => {
      const transport = await transportTo(target);
      const stop = (): void => transport.close();
      signal.addEventListener('abort', stop, { once: true });
      try {
        await transport.sendMail(mailOf(message, target));
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new DeliveryFault(`${target.server.host} did not take the mail: ${why}`, { cause });
      } finally {
        signal.removeEventListener('abort', stop);
        transport.close();
      }
    },
  };
}

async function transportTo({ server, guard }: EmailTarget) {
  const host = server.hostname.replace(/^\[|\]$/g, '');
  const [first] = await guard.addressesOf(host);
  const isSecure = server.protocol === 'smtps:';
  const timeoutMs = LIMITS.alertAnswerMsMax;
  return createTransport({
    // The address that was checked is the one that is connected to; TLS still asks for the name.
    host: first?.address ?? host,
    port: Number(server.port === '' ? (isSecure ? 465 : 587) : server.port),
    secure: isSecure,
    ...(isIP(host) === 0 ? { tls: { servername: host } } : {}),
    ...(server.username === ''
      ? {}
      : {
          auth: {
            user: decodeURIComponent(server.username),
            pass: decodeURIComponent(server.password),
          },
        }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
}

export function mailOf(message: Message, { to, from }: Pick<EmailTarget, 'to' | 'from'>) {
  const thread = `<${message.dedupKey}@throughline.invalid>`;
  const isFirst = message.kind === 'firing';
  return {
    to,
    from,
    subject: cut(`[Throughline] ${headline(message)}`.replace(/\s+/g, ' '), SUBJECT_CHARS_MAX),
    messageId: `<${message.id}@throughline.invalid>`,
    references: thread,
    ...(isFirst ? {} : { inReplyTo: thread }),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Throughline-Dedup-Key': message.dedupKey },
    text: textOf(message),
    html: htmlOf(message),
  };
}

function textOf(message: Message): string {
  const { finding, url } = message;
  const next = finding.next.map(({ text, command, link }) => {
    const target = absoluteLink(link, message);
    return [`- ${text}`, command && `    ${command}`, target && `    ${target}`]
      .filter((line) => line !== undefined)
      .join('\n');
  });
  return [
    headline(message),
    facts(message)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
    ...part(
      'Evidence:',
      evidenceLines(message).map((line) => `- ${line}`),
    ),
    ...part('Next:', next),
    url,
  ].join('\n\n');
}

function part(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [[title, ...lines].join('\n')];
}

function htmlOf(message: Message): string {
  const { finding, kind, url } = message;
  const rows = facts(message).map(
    ([name, value]) => `<tr><th align="left">${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  );
  const next = finding.next.map(({ text, command, link }) => {
    const target = absoluteLink(link, message);
    const words = target === undefined ? escaped(text) : anchor(target, text);
    return command === undefined ? words : `${words}<br><code>${escaped(command)}</code>`;
  });
  return [
    `<p><strong>${kind.toUpperCase()}</strong> ${escaped(finding.sentence)}</p>`,
    `<table>${rows.join('')}</table>`,
    ...list('Evidence', evidenceLines(message).map(escaped)),
    ...list('Next', next),
    `<p>${anchor(url, opens(message))}</p>`,
  ].join('\n');
}

function list(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  return [`<h3>${title}</h3><ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`];
}

function anchor(href: string, text: string): string {
  return `<a href="${escaped(href)}">${escaped(text)}</a>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
