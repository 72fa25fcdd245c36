/** Since the start; a test counts as an attempt. */
export interface DeliveryCount {
  readonly attempts: number;
  readonly failures: number;
}

/** How often each receiver was tried, and how often it did not take what was sent. */
export class DeliveryCounts {
  readonly #counts = new Map<string, { attempts: number; failures: number }>();

  /** @throws whatever `send` throws, counted. */
  async count<T>(receiver: string, send: () => Promise<T>): Promise<T> {
    const count = this.#counts.get(receiver) ?? { attempts: 0, failures: 0 };
    this.#counts.set(receiver, count);
    count.attempts += 1;
    try {
      return await send();
    } catch (error) {
      count.failures += 1;
      throw error;
    }
  }

  of(receiver: string): DeliveryCount {
    return { attempts: 0, failures: 0, ...this.#counts.get(receiver) };
  }
}
