import type { ListenAddress } from './config.js';

const LISTEN_ADDRESS = /^(?:(\[[0-9a-fA-F:.%]+\]|[^:[\]\s]+):)?(\d{1,5})$/;

/** `127.0.0.1:4318`, `[::1]:4318`, `:4318` and `4318`; undefined for anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = LISTEN_ADDRESS.exec(text.trim().replace(/^:/, ''));
  if (!match) return undefined;
  const port = Number(match[2]);
  if (port > 65_535) return undefined;
  return { host: (match[1] ?? '127.0.0.1').replace(/^\[|\]$/g, ''), port };
}
