import type { Config } from '../config/config.js';
import { Fault } from '../errors.js';
import type { AddressGuard } from './address-guard.js';
import { openHeartbeat, openReceiver } from './open-receivers.js';
import { PAGERDUTY_URL } from './receivers/pagerduty.js';

/** What would become of alerts to one address. */
export interface AddressReport {
  /** `receiver team`, `heartbeat`. */
  readonly of: string;
  /** Null where nothing is sent over a network. */
  readonly host: string | null;
  /** `unknown`: the name could not be looked up here and now. */
  readonly state: 'allowed' | 'refused' | 'unknown';
  readonly reason: string | null;
}

/** Every address that alerts are sent to, judged as it is when it is sent to: what its name leads to, too. */
export async function checkAddresses(
  { receivers, heartbeat }: Config['alerts'],
  guard: AddressGuard,
): Promise<readonly AddressReport[]> {
  const reports = receivers.map((receiver) => {
    const open = (): unknown => openReceiver(receiver, { guard, write: () => undefined });
    const { kind, target, smtpUrl, url } = receiver;
    const address =
      kind === 'email' ? smtpUrl : kind === 'pagerduty' ? (url ?? PAGERDUTY_URL) : target;
    return report(`receiver ${receiver.name}`, kind === 'stdout' ? null : address, { open, guard });
  });
  if (heartbeat !== null && 'url' in heartbeat.to) {
    const address = heartbeat.to.url;
    reports.push(
      report('heartbeat', address, { open: () => openHeartbeat(address, guard), guard }),
    );
  }
  return Promise.all(reports);
}

interface Checks {
  /** @throws Fault */
  readonly open: () => unknown;
  readonly guard: AddressGuard;
}

async function report(
  of: string,
  address: string | null,
  { open, guard }: Checks,
): Promise<AddressReport> {
  const host = address !== null && URL.canParse(address) ? new URL(address).hostname : null;
  try {
    open();
    if (host !== null) await guard.addressesOf(host);
    return { of, host, state: 'allowed', reason: null };
  } catch (error) {
    if (error instanceof Fault) return { of, host, state: 'refused', reason: error.message };
    const why = error instanceof Error ? error.message : String(error);
    return { of, host, state: 'unknown', reason: `its name cannot be looked up from here: ${why}` };
  }
}
