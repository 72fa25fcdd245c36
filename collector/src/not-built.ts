import type { Config } from './config/config.js';
import { Fault } from './errors.js';
import { mustNotForwardToItself } from './receiving.js';
import { mustBeLoopback } from './security/listen-rule.js';

/** What the configuration may say and this version cannot do is refused, never left out in silence. */
export function refuseWhatIsNotBuilt(settings: Config): void {
  mustBeLoopback(settings.server.listen.host);
  if (settings.ui.listen !== null) mustBeLoopback(settings.ui.listen.host);
  if (settings.server.grpc !== null) mustBeLoopback(settings.server.grpc.host);
  mustNotForwardToItself(settings);
  const missing = [
    ...(settings.storage.kind === 'sqlite' ? [] : ['storage.postgres']),
    ...(settings.ingest.bus.kind === 'in-process' ? [] : ['ingest.kafka']),
    ...(settings.server.tokens.length === 0 ? [] : ['server.tokens']),
  ];
  if (missing.length === 0) return;
  throw new Fault('BAD_CONFIG', `This version does not have ${missing.join(', ')} yet`);
}
