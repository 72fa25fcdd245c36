import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Fault } from '../errors.js';
import type { Config, ListenAddress } from './config.js';
import { ConfigDocument, type Env } from './config-document.js';
import { configSchema, type ConfigEntries } from './config-schema.js';
import { configOf } from './config-of.js';
import { environmentLayer, type EnvironmentValue } from './environment-layer.js';
import { issueText } from './issue-text.js';

/** What the command line sets; undefined where it says nothing. */
export interface ConfigFlags {
  readonly port?: string | number | undefined;
  readonly host?: string | undefined;
  /** Turns OTLP over gRPC on, on this port of the loopback interface unless the file names a host. */
  readonly grpcPort?: string | number | undefined;
  /** `host:port`; `host` and `port` go before it. */
  readonly listen?: string | undefined;
  readonly data?: string | undefined;
  readonly config?: string | undefined;
}

const DEFAULT_FILE = 'throughline.yaml';
const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 4318;

/**
 * Flags > `THROUGHLINE_*` environment > file > defaults. The file is `--config`, else `THROUGHLINE_CONFIG`, else
 * `throughline.yaml` in the working folder if there is one. Paths in the file are relative to the file.
 *
 * @throws Fault BAD_CONFIG: one line per mistake, each with its place and what to do.
 */
export function loadConfig(options: {
  readonly flags: ConfigFlags;
  readonly env: Env;
  readonly cwd: string;
}): Config {
  const { flags, env, cwd } = options;
  const document = openDocument(flags, env, cwd);
  const layer = environmentLayer(env);
  const raw: unknown = document?.values(env) ?? {};
  for (const value of layer) put(raw, value, cwd);
  const entries = checked(raw, document, layer);
  const listen = listenOf(flags, env, entries);
  return configOf({
    entries,
    listen,
    grpc: grpcOf(flags, env, entries),
    document,
    folder: document ? dirname(document.path) : cwd,
    dataFolder: flags.data === undefined ? null : resolve(cwd, flags.data),
    cwd,
  });
}

function openDocument(flags: ConfigFlags, env: Env, cwd: string): ConfigDocument | null {
  const named = flags.config ?? env['THROUGHLINE_CONFIG'];
  const path = resolve(cwd, named ?? DEFAULT_FILE);
  if (named === undefined && !existsSync(path)) return null;
  try {
    return new ConfigDocument(path, readFileSync(path, 'utf8'));
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('BAD_CONFIG', `${path}: the file cannot be read`, { cause });
  }
}

/** Lays one value of the environment over the file's. Its paths are relative to the working folder. */
function put(raw: unknown, { place, value, variable }: EnvironmentValue, cwd: string): void {
  let at = raw;
  for (const [index, key] of place.entries()) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) {
      throw new Fault('BAD_CONFIG', `${variable}: ${place.slice(0, index).join('.')} has no keys`);
    }
    const entries = at as Record<string, unknown>;
    if (index === place.length - 1) {
      entries[key] = place.join('.') === 'storage.sqlite' ? resolve(cwd, value) : value;
      return;
    }
    entries[key] ??= {};
    at = entries[key];
  }
}

function checked(
  raw: unknown,
  document: ConfigDocument | null,
  layer: readonly EnvironmentValue[],
): ConfigEntries {
  const result = configSchema.safeParse(raw);
  if (result.success) return result.data;
  const lines = result.error.issues.flatMap((issue) => {
    const whereOf = (place: readonly (string | number)[]): string => {
      const variable = layer.find((value) => value.place.join('.') === place.join('.'))?.variable;
      return variable ?? document?.at(place) ?? 'configuration';
    };
    return issueText(issue, whereOf);
  });
  throw new Fault('BAD_CONFIG', lines.join('\n'));
}

function listenOf(flags: ConfigFlags, env: Env, entries: ConfigEntries) {
  const start = entries.server?.listen ?? { host: DEFAULT_HOST, port: DEFAULT_PORT };
  const flagged = flags.listen === undefined ? start : flaggedAddress(flags.listen);
  const fromEnv = flags.listen === undefined ? env : {};
  const host = flags.host ?? fromEnv['THROUGHLINE_HOST'] ?? flagged.host;
  const portName = flags.port === undefined ? 'THROUGHLINE_PORT' : '--port';
  const port = flags.port ?? fromEnv['THROUGHLINE_PORT'];
  return { host, port: port === undefined ? flagged.port : portOf(port, portName) };
}

function grpcOf(flags: ConfigFlags, env: Env, entries: ConfigEntries): ListenAddress | null {
  const address = entries.server?.grpc ?? null;
  const portName = flags.grpcPort === undefined ? 'THROUGHLINE_GRPC_PORT' : '--grpc-port';
  const port = flags.grpcPort ?? env['THROUGHLINE_GRPC_PORT'];
  if (port === undefined) return address;
  return { host: address?.host ?? DEFAULT_HOST, port: portOf(port, portName) };
}

function flaggedAddress(text: string) {
  const result = configSchema.safeParse({ server: { listen: text } });
  if (result.success && result.data.server?.listen) return result.data.server.listen;
  throw new Fault(
    'BAD_CONFIG',
    `--listen: expected an address such as 127.0.0.1:4318, found "${text}"`,
  );
}

function portOf(value: string | number, name: string): number {
  const port = Number(value);
  if (String(value).trim() !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535)
    return port;
  throw new Fault('BAD_CONFIG', `${name}: expected a port between 0 and 65535, found "${value}"`);
}
