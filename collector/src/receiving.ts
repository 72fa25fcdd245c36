import type { Clock } from './clock.js';
import type { Config } from './config/config.js';
import { Fault } from './errors.js';
import { ForwardConnection } from './forward/forward-request.js';
import { Forwarder, type ForwardCounts } from './forward/forwarder.js';
import type { Receive } from './front.js';
import { openGrpcListener, type GrpcListener } from './grpc-listener.js';
import type { Log } from './log.js';
import { passedOn } from './passed-on.js';
import { Admission } from './receive/admission.js';
import type { Intake } from './receive/intake.js';
import { createOtlpGrpc } from './receive/otlp-grpc.js';
import { createReceive } from './receive/receive.js';
import { isLoopback } from './security/listen-rule.js';

export interface ReceivingDeps {
  readonly settings: Config;
  readonly pipeline: Intake;
  readonly clock: Clock;
  readonly log: Log;
  readonly chance: () => number;
  readonly notYet: () => Fault | undefined;
  /** Told of every answer over gRPC. */
  readonly onAnswered: (status: number, durationMs: number) => void;
}

/** Every way in, over one bound of what is in flight, and the way on to another endpoint behind them. */
export class Receiving {
  /** Takes requests of the HTTP listener. */
  readonly receive: Receive;
  readonly #deps: ReceivingDeps;
  readonly #intake: Intake;
  readonly #admission = new Admission();
  readonly #forwarder: Forwarder | null;
  #grpc: GrpcListener | null = null;

  constructor(deps: ReceivingDeps) {
    const { pipeline, clock, notYet } = deps;
    this.#deps = deps;
    this.#forwarder = forwarderOf(deps);
    this.#intake =
      this.#forwarder === null ? pipeline : passedOn(pipeline, this.#forwarder, () => clock.now());
    const admission = this.#admission;
    this.receive = createReceive({ pipeline: this.#intake, clock, notYet, admission });
  }

  get grpcAddress(): string | null {
    return this.#grpc?.address ?? null;
  }

  forwarded(): ForwardCounts | null {
    return this.#forwarder?.counts() ?? null;
  }

  /** @throws Fault PORT_IN_USE */
  async listen(): Promise<void> {
    const { settings, clock, notYet, onAnswered } = this.#deps;
    const address = settings.server.grpc;
    if (address === null) return;
    const grpc = createOtlpGrpc({
      pipeline: this.#intake,
      clock,
      notYet,
      admission: this.#admission,
      onAnswered,
    });
    this.#grpc = await openGrpcListener(address, grpc, clock);
  }

  /** Takes nothing more in over gRPC. */
  async closeListener(): Promise<void> {
    await this.#grpc?.close();
  }

  /** Passes on what still waits, for a moment. */
  async close(): Promise<void> {
    await this.#forwarder?.close();
  }
}

function forwarderOf({ settings, clock, log, chance }: ReceivingDeps): Forwarder | null {
  const target = settings.forward;
  if (target === null) return null;
  const { endpoint } = target;
  return new Forwarder({
    connection: new ForwardConnection(target, clock),
    clock,
    chance,
    report: (sentence) => log.warn({ endpoint: endpoint.origin }, sentence),
  });
}

/** @throws Fault BAD_CONFIG when everything would come back to where it came from, again and again. */
export function mustNotForwardToItself({ server, forward }: Config): void {
  if (forward === null) return;
  const { protocol, hostname, port } = forward.endpoint;
  const portNumber = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  if (portNumber !== server.listen.port || !isLoopback(hostname)) return;
  throw new Fault(
    'BAD_CONFIG',
    `forward: ${forward.endpoint.origin} is this collector itself; name another endpoint`,
  );
}
