import type { AlertReceiver } from '../config/config.js';
import { Fault } from '../errors.js';
import type { AddressGuard } from './address-guard.js';
import type { Receiver } from './message.js';
import { guardedPost } from './post-json.js';
import { alertmanager } from './receivers/alertmanager.js';
import { email } from './receivers/email.js';
import { pagerduty, PAGERDUTY_URL } from './receivers/pagerduty.js';
import { slack } from './receivers/slack.js';
import { stdout } from './receivers/stdout.js';
import { webhook } from './receivers/webhook.js';

export interface ReceiverParts {
  readonly guard: AddressGuard;
  /** Where `stdout` receivers write a line. */
  readonly write: (line: string) => void;
}

/**
 * The receivers of the configuration, by name.
 *
 * @throws Fault BAD_CONFIG for an address that cannot be read, or that alerts may not be sent to.
 */
export function openReceivers(
  receivers: readonly AlertReceiver[],
  parts: ReceiverParts,
): ReadonlyMap<string, Receiver> {
  const opened = new Map<string, Receiver>();
  for (const receiver of receivers) {
    if (opened.has(receiver.name)) fail(receiver, 'there are two receivers of this name');
    opened.set(receiver.name, openReceiver(receiver, parts));
  }
  return opened;
}

/**
 * Whoever waits for a sign of life at an address.
 *
 * @throws Fault BAD_CONFIG for an address that cannot be read, or that may not be sent to.
 */
export function openHeartbeat(address: string, guard: AddressGuard): Receiver {
  const url = checkedUrl('alerts.heartbeat', address, guard);
  return webhook({ name: 'heartbeat', url, secret: null, post: guardedPost(guard) });
}

/** @throws Fault BAD_CONFIG */
export function openReceiver(receiver: AlertReceiver, { guard, write }: ReceiverParts): Receiver {
  const { name, kind, target, secret } = receiver;
  const post = guardedPost(guard);
  switch (kind) {
    case 'webhook':
      return webhook({ name, url: postUrl(receiver, target, guard), secret, post });
    case 'alertmanager':
      return alertmanager({ name, url: postUrl(receiver, target, guard), post });
    case 'slack':
      return slack({ name, url: postUrl(receiver, target, guard), post });
    case 'pagerduty': {
      const url = postUrl(receiver, receiver.url ?? PAGERDUTY_URL, guard);
      return pagerduty({ name, url, routingKey: target, post });
    }
    case 'email':
      return openEmail(receiver, guard);
    case 'stdout':
      return stdout(name, write);
    default:
      throw new TypeError(`BUG: no receiver of the kind ${String(kind satisfies never)}`);
  }
}

function openEmail(receiver: AlertReceiver, guard: AddressGuard): Receiver {
  const { name, target, smtpUrl } = receiver;
  if (smtpUrl === null) fail(receiver, 'email needs smtp: smtp://user:password@host:port');
  const server = urlOf(placeOf(receiver), smtpUrl);
  if (server.protocol !== 'smtp:' && server.protocol !== 'smtps:') {
    fail(receiver, 'smtp begins with smtp:// or smtps://');
  }
  const [, domain = 'localhost'] = /@([^@>\s]+)>?$/.exec(target) ?? [];
  const from = receiver.from ?? `Throughline <throughline@${domain}>`;
  return email({ name, to: target, from, server, guard });
}

function postUrl(receiver: AlertReceiver, text: string, guard: AddressGuard): URL {
  return checkedUrl(placeOf(receiver), text, guard);
}

function checkedUrl(place: string, text: string, guard: AddressGuard): URL {
  const url = urlOf(place, text);
  try {
    guard.checkUrl(url);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw badConfig(place, `${error.message}. ${error.remedy}`);
  }
  return url;
}

function urlOf(place: string, text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw badConfig(place, 'expected a whole address such as https://host/path');
}

function placeOf({ name }: AlertReceiver): string {
  return `alerts.receivers: ${name}`;
}

function badConfig(place: string, why: string): Fault {
  return new Fault('BAD_CONFIG', `${place}: ${why}`);
}

function fail(receiver: AlertReceiver, why: string): never {
  throw badConfig(placeOf(receiver), why);
}
