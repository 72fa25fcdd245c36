import type {
  DeclaredDestination,
  DeclaredMovement,
  DeclaredService,
  DeclaredTopology,
} from '@throughline/model/policy';

/** Gathers what documents declare; the same thing said twice is one. */
export class Topology {
  readonly #services = new Map<string, DeclaredService>();
  readonly #destinations = new Map<string, DeclaredDestination>();
  readonly #movements = new Map<string, DeclaredMovement>();

  service(service: DeclaredService): void {
    if (!this.#services.has(service.name)) this.#services.set(service.name, service);
  }

  destination(destination: DeclaredDestination): void {
    const key = JSON.stringify([destination.system, destination.name]);
    const known = this.#destinations.get(key);
    const messageTypes = union(known?.messageTypes, destination.messageTypes);
    this.#destinations.set(key, { ...(known ?? destination), messageTypes });
  }

  /** Declares service and destination with it. */
  movement(movement: DeclaredMovement): void {
    const { kind, service, destination, system, messageTypes, origin } = movement;
    this.service({ name: service, origin });
    this.destination({ name: destination, system, messageTypes, origin });
    const key = JSON.stringify([kind, service, system, destination]);
    const known = this.#movements.get(key);
    const alsoTypes = union(known?.alsoTypes, movement.alsoTypes ?? []);
    this.#movements.set(key, {
      ...(known ?? movement),
      messageTypes: union(known?.messageTypes, messageTypes),
      ...(alsoTypes.length === 0 ? {} : { alsoTypes }),
    });
  }

  get isEmpty(): boolean {
    return this.#services.size === 0 && this.#destinations.size === 0;
  }

  declared(): DeclaredTopology {
    return {
      services: [...this.#services.values()],
      destinations: [...this.#destinations.values()],
      movements: [...this.#movements.values()],
    };
  }
}

function union(a: readonly string[] | undefined, b: readonly string[]): readonly string[] {
  return [...new Set([...(a ?? []), ...b])];
}
