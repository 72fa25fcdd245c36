import { ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js';
import type { Clock } from '../clock.js';
import { Fault } from '../errors.js';
import { LIMITS } from '../limits.js';
import { grpcStatusOf } from './grpc-status.js';

/**
 * Bounds the calls whose message is arriving. gRPC announces no length, so a message is held in memory before anybody
 * can say that it is too much: the others wait, and HTTP/2 holds their senders back meanwhile.
 */
export class GrpcGate {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #arriving = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get interceptor(): ServerInterceptor {
    return (_method, call) => new GatedCall(call, this, this.#clock);
  }

  /** Calls `enter` as soon as there is room. @returns a function that gives the place, or the wait, up; once. */
  queue(enter: () => void): () => void {
    let isIn = false;
    const go = (): void => {
      isIn = true;
      this.#arriving += 1;
      enter();
    };
    if (this.#arriving < LIMITS.grpcArrivingMax) go();
    else this.#waiting.add(go);
    let isLeft = false;
    return () => {
      if (isLeft) return;
      isLeft = true;
      this.#waiting.delete(go);
      if (isIn) this.#arriving -= 1;
      if (isIn) this.#next();
    };
  }

  #next(): void {
    for (const go of this.#waiting) {
      if (this.#arriving >= LIMITS.grpcArrivingMax) return;
      this.#waiting.delete(go);
      go();
    }
  }
}

type NextCall = ConstructorParameters<typeof ServerInterceptingCall>[0];

/** A call that reads its message once the gate lets it, and that is answered when the message does not come. */
class GatedCall extends ServerInterceptingCall {
  readonly #gate: GrpcGate;
  readonly #clock: Clock;
  readonly #ends: (() => void)[] = [];
  #isQueued = false;

  constructor(nextCall: NextCall, gate: GrpcGate, clock: Clock) {
    super(nextCall, {
      start: (next) =>
        next({
          onReceiveMessage: (message, pass) => {
            this.#end();
            pass(message);
          },
          onReceiveHalfClose: (pass) => {
            this.#end();
            pass();
          },
          onCancel: () => this.#end(),
        }),
    });
    this.#gate = gate;
    this.#clock = clock;
  }

  override startRead(): void {
    if (this.#isQueued) {
      super.startRead();
      return;
    }
    this.#isQueued = true;
    const tooMany = new Fault('OVERLOADED', 'Too many messages are arriving at once.');
    let cancel = this.#clock.after(LIMITS.grpcArrivalMsMax, () => this.#refuse(tooMany));
    this.#ends.push(() => cancel());
    const leave = this.#gate.queue(() => {
      cancel();
      const tooSlow = new Fault('BODY_TOO_SLOW', 'The message took too long to arrive.');
      cancel = this.#clock.after(LIMITS.grpcArrivalMsMax, () => this.#refuse(tooSlow));
      super.startRead();
    });
    this.#ends.push(leave);
  }

  #refuse(fault: Fault): void {
    this.#end();
    const { code = status.UNKNOWN, details = '', metadata } = grpcStatusOf(fault);
    this.sendStatus({ code, details, metadata: metadata ?? null });
  }

  #end(): void {
    for (const end of this.#ends.splice(0)) end();
  }
}
