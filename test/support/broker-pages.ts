import { destinationView, type DestinationView } from '@throughline/model/api/catalog';
import {
  deadLetterView,
  findingView,
  type DeadLetterView,
  type FindingView,
} from '@throughline/model/api/findings';
import { page } from '@throughline/model/api/primitives';
import type { OpenCollector } from './open-collector.js';
import { until } from './until.js';

/** What the API shows of brokers, waited for: they are asked once in a while. */
export class BrokerPages {
  readonly #collector: OpenCollector;

  constructor(collector: OpenCollector) {
    this.#collector = collector;
  }

  async read<T>(
    path: string,
    parse: { parse: (body: unknown) => { items: T[] } },
  ): Promise<readonly T[]> {
    return parse.parse((await this.#collector.get(path)).body).items;
  }

  figures(name: string): Promise<NonNullable<DestinationView['broker']>> {
    return until(`${name} is counted`, async () => {
      const all = await this.read('/destinations?limit=500', page(destinationView));
      return all.find((each) => each.name === name)?.broker;
    });
  }

  letters(destination: string): Promise<DeadLetterView> {
    return until(`${destination} holds dead letters`, async () =>
      (await this.read('/dead-letters?limit=500', page(deadLetterView))).find(
        (each) => each.destination === destination && each.count > 0,
      ),
    );
  }

  open(rule: string): Promise<readonly FindingView[]> {
    return this.read(`/findings?rule=${rule}&state=open&limit=500`, page(findingView));
  }

  finding(rule: string, label: string): Promise<FindingView> {
    return until(
      `${rule} of ${label} is found`,
      async () => (await this.open(rule)).find(({ subject }) => subject.label === label),
      { withinMs: 90_000, everyMs: 500 },
    );
  }
}
