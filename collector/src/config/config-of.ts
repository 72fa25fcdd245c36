import { resolve } from 'node:path';
import { alertsOf } from './alerts-of.js';
import { brokersOf } from './brokers-of.js';
import type { Bus, Config, Storage, TokenGrant } from './config.js';
import { fail, type CheckedEntries } from './checked-entries.js';
import type { ConfigEntries } from './config-schema.js';
import { readSecret } from './environment-layer.js';
import { forwardOf } from './forward-of.js';
import { policyOf } from './policy-of.js';

const DAY_MS = 86_400_000;
const RETENTION_BYTES = 20 * 2 ** 30;

/** From the entries of the file to what the program works with: defaults filled in, secrets read. */
export function configOf(checked: CheckedEntries): Config {
  const { entries, listen, grpc, document } = checked;
  const { policy, documents } = policyOf(checked);
  return {
    server: {
      listen,
      grpc,
      tokens: (entries.server?.tokens ?? []).map((entry, index) => tokenOf(entry, index, checked)),
      allowedHosts: entries.server?.allowed_hosts ?? [],
      allowedOrigins: entries.server?.allowed_origins ?? [],
    },
    ui: { listen: entries.ui?.listen ?? null, url: entries.ui?.url ?? null },
    storage: storageOf(checked),
    ingest: { bus: busOf(checked) },
    forward: forwardOf(checked),
    alerts: alertsOf(checked),
    brokers: brokersOf(checked),
    policy,
    documents: [...(document === null ? [] : [document.path]), ...documents],
  };
}

function storageOf(checked: CheckedEntries): Storage {
  const { entries, folder, dataFolder, cwd } = checked;
  const storage = entries.storage ?? {};
  const retention = {
    ageMs: storage.retention?.age ?? 14 * DAY_MS,
    bytesMax: storage.retention?.size ?? RETENTION_BYTES,
  };
  const postgres =
    storage.postgres ??
    (storage.postgres_file === undefined
      ? undefined
      : readSecret(resolve(folder, storage.postgres_file), 'storage.postgres_file'));
  if (postgres !== undefined && storage.sqlite !== undefined) {
    fail(checked, ['storage'], 'storage: sqlite and postgres exclude each other: keep one');
  }
  if (postgres !== undefined && dataFolder === null) {
    return { kind: 'postgres', place: postgres, retention };
  }
  const place =
    dataFolder ??
    (storage.sqlite === undefined ? resolve(cwd, 'data') : resolve(folder, storage.sqlite));
  return { kind: 'sqlite', place, retention };
}

function busOf(checked: CheckedEntries): Bus {
  const { bus, kafka } = checked.entries.ingest ?? {};
  if (bus === 'in-process' && kafka !== undefined) {
    fail(checked, ['ingest'], 'ingest: bus says in-process, yet kafka is set: keep one');
  }
  if (kafka !== undefined) return { kind: 'kafka', brokers: kafka.brokers };
  if (bus === 'kafka')
    fail(checked, ['ingest', 'bus'], 'ingest: add kafka: { brokers: [host:port] }');
  return { kind: 'in-process' };
}

type TokenEntry = NonNullable<NonNullable<ConfigEntries['server']>['tokens']>[number];

function tokenOf(entry: TokenEntry, index: number, checked: CheckedEntries): TokenGrant {
  const named = 'name' in entry || 'scopes' in entry || 'token_file' in entry ? entry : {};
  const file = 'token_file' in named ? named.token_file : undefined;
  const secret =
    entry.token ??
    (file === undefined ? undefined : readSecret(resolve(checked.folder, file), 'server.tokens'));
  if (secret === undefined) {
    fail(checked, ['server', 'tokens', index], 'server.tokens: needs token or token_file');
  }
  const scopes = 'scopes' in named ? named.scopes : undefined;
  return {
    name: ('name' in named ? named.name : undefined) ?? `token ${index + 1}`,
    scopes: scopes ?? ['ingest', 'read', 'operate', 'admin'],
    secret,
  };
}
