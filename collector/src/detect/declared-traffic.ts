import type { DeclaredMovement, DeclaredTopology } from '@throughline/model/policy';

/** A movement of messages between a service and a destination, as it was seen. */
export interface SeenMovement {
  readonly kind: 'send' | 'take';
  readonly service: string;
  readonly system: string;
  readonly destination: string;
  readonly messageType: string | null;
}

/** `orders/{id}/events`: a channel with parameters stands for many destinations. */
const PARAMETER = /\{[^{}]*\}/;

/** What documents declare, to be compared with what is seen. */
export class DeclaredTraffic {
  readonly #byService = new Map<string, DeclaredMovement[]>();

  constructor(topology: DeclaredTopology | undefined) {
    for (const movement of topology?.movements ?? []) {
      const key = `${movement.kind} ${movement.service}`;
      const same = this.#byService.get(key);
      if (same === undefined) this.#byService.set(key, [movement]);
      else same.push(movement);
    }
  }

  speaksOf(service: string): boolean {
    return this.#byService.has(`send ${service}`) || this.#byService.has(`take ${service}`);
  }

  /** What the documents let the service do of this kind. */
  of(seen: Pick<SeenMovement, 'kind' | 'service'>): readonly DeclaredMovement[] {
    return this.#byService.get(`${seen.kind} ${seen.service}`) ?? NOTHING;
  }

  /** The declared movement that this one is, whatever its type. */
  placeOf(seen: SeenMovement): DeclaredMovement | null {
    return this.of(seen).find((declared) => isSamePlace(declared, seen)) ?? null;
  }

  /** Whether the documents have the service send or take messages of the type, wherever that is. */
  knowsType({ messageType, ...seen }: SeenMovement): boolean {
    if (messageType === null) return false;
    return this.of(seen).some(
      (declared) => declared.destination === messageType || isCalled(declared, messageType),
    );
  }
}

const NOTHING: readonly DeclaredMovement[] = [];

/** Whether one of the messages goes by the name. */
export function isCalled(
  { messageTypes, alsoTypes }: Pick<DeclaredMovement, 'messageTypes' | 'alsoTypes'>,
  name: string,
): boolean {
  return messageTypes.includes(name) || alsoTypes?.includes(name) === true;
}

export function isSamePlace(
  declared: Pick<DeclaredMovement, 'destination' | 'system'>,
  seen: Pick<SeenMovement, 'destination' | 'system'>,
): boolean {
  if (declared.system !== null && declared.system !== seen.system) return false;
  if (!PARAMETER.test(declared.destination)) return declared.destination === seen.destination;
  return matchesParts(declared.destination.split(PARAMETER), seen.destination);
}

/** The parts in their order, with at least one character for each parameter between them. */
function matchesParts(parts: readonly string[], name: string): boolean {
  const [first = ''] = parts;
  const last = parts.at(-1) ?? '';
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at + 1);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return end > at;
}
