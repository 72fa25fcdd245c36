import type { KafkaAddress, KafkaMechanism } from './config.js';

const PORT = 9_092;

/** `host:port, host:port`; empty when one of them is none. User and password stand beside, never in it. */
export function kafkaAddresses(text: string): readonly KafkaAddress[] {
  const parts = text.split(',').map((part) => part.trim());
  const found = parts.map(addressOf);
  return found.every((each) => each !== null) ? found : [];
}

/** Without a word, SASL is PLAIN; without a user there is none. */
export function kafkaMechanism(
  word: 'plain' | 'scram-sha-256' | 'scram-sha-512' = 'plain',
): KafkaMechanism {
  return word.toUpperCase() as Uppercase<typeof word>;
}

function addressOf(part: string): KafkaAddress | null {
  const url = URL.canParse(`kafka://${part}`) ? new URL(`kafka://${part}`) : null;
  if (url === null || url.hostname === '' || url.host !== part) return null;
  const port = url.port === '' ? PORT : Number(url.port);
  return port === 0 ? null : { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}
