import { harmless } from '../harmless.js';
import { LIMITS } from '../limits.js';
import type { RabbitDelivery, Settlement } from './rabbit-delivery.js';

/** Deliveries of one channel that are not settled yet, by delivery tag, in order. */
export class OpenDeliveries {
  readonly #byTag = new Map<number, RabbitDelivery>();

  add(tag: number, delivery: RabbitDelivery): void {
    if (delivery.isSettled || this.#byTag.size >= LIMITS.deliveriesMax) return;
    this.#byTag.set(tag, delivery);
  }

  /** `allUpTo`: tag and everything before it; tag 0 then means everything (AMQP 0-9-1, basic.ack). */
  settle(tag: number, allUpTo: boolean, settlement: Settlement): void {
    harmless('settle', () => {
      if (!allUpTo) {
        this.#byTag.get(tag)?.settle(settlement);
        this.#byTag.delete(tag);
        return;
      }
      for (const [each, delivery] of this.#byTag) {
        if (tag !== 0 && each > tag) continue;
        this.#byTag.delete(each);
        delivery.settle(settlement);
      }
    });
  }

  /** The channel is gone, and with it every delivery that was not settled. */
  abandonAll(): void {
    harmless('channel closed', () => {
      for (const delivery of this.#byTag.values()) {
        delivery.abandon('the channel closed before the message was settled');
      }
      this.#byTag.clear();
    });
  }
}
