import { harmless } from '../harmless.js';
import type { Settings } from '../settings.js';
import { hookFetch } from './fetch.js';
import { hookHttpClient } from './http-client.js';
import { hookHttpServer } from './http-server.js';
import { hookRabbitmq } from '../rabbitmq/hook-rabbitmq.js';

/** Hooks by the names that OTEL_NODE_DISABLED_INSTRUMENTATIONS knows them under. */
const HOOKS: readonly [names: readonly string[], install: (settings: Settings) => void][] = [
  [['http', 'http-server'], hookHttpServer],
  [['http', 'http-client'], hookHttpClient],
  [['undici', 'fetch'], hookFetch],
  [['amqplib', 'rabbitmq-client'], hookRabbitmq],
];

export function installHooks(settings: Settings): void {
  for (const [names, install] of HOOKS) {
    const isWanted = !names.some((name) => settings.disabledHooks.has(name));
    if (isWanted) harmless(`hook ${names.join('/')}`, () => install(settings));
  }
}
