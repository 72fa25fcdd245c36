import type { RunMessage, RunStep } from '@throughline/model/run';
import type { AttributeValue } from '@throughline/model/step';
import { messageName } from './occurrences.js';
import type { RunIndex } from './run-index.js';

/** Something that runs have in common or not: a version, an instance, a partition, a tenant, a region. */
export interface Trait {
  readonly attribute: string;
  /** The service or message that it belongs to; null where it belongs to the run. */
  readonly of: string | null;
  readonly value: string;
}

/** Of a service, wherever it runs. */
const OF_SERVICE = [
  'cloud.availability_zone',
  'cloud.region',
  'deployment.environment',
  'deployment.environment.name',
  'host.name',
  'k8s.cluster.name',
  'k8s.node.name',
  'region',
] as const;

/** Of what the run is about. */
const OF_RUN = [
  'app.tenant',
  'app.tenant.id',
  'country',
  'customer.country',
  'customer.tier',
  'organization.id',
  'tenant',
  'tenant.id',
  'tenantId',
  'tenant_id',
] as const;

const OF_DESTINATION = [
  'messaging.destination.partition.id',
  'messaging.eventhubs.partition.id',
  'messaging.kafka.destination.partition',
  'messaging.kafka.partition',
] as const;

/** What an attribute says, by its name on the span or on its resource. */
const KINDS: ReadonlyMap<string, { readonly attribute: string; readonly of: keyof Owners }> =
  new Map(
    [
      ...OF_SERVICE.map((name) => [name, name, 'service'] as const),
      ...OF_RUN.map((name) => [name, name, 'run'] as const),
      ...OF_DESTINATION.map((name) => [name, 'partition', 'destination'] as const),
    ].flatMap(([name, attribute, of]) => {
      const kind = { attribute, of };
      return [[name, kind] as const, [`resource.${name}`, kind] as const];
    }),
  );

interface Owners {
  readonly service: string;
  readonly destination: string | null;
  readonly run: null;
}

const TRAITS_MAX = 64;
const STEPS_LOOKED_AT = 200;
const VALUE_CHARS_MAX = 120;

/** What the run could differ in from others, each once. */
export function traitsOf({ run }: RunIndex): readonly string[] {
  const traits = new Set<string>();
  const note = (attribute: string, of: string | null, value: AttributeValue): void => {
    if (value === null || typeof value === 'object' || traits.size >= TRAITS_MAX) return;
    const text = String(value);
    if (text !== '' && text.length <= VALUE_CHARS_MAX)
      traits.add(`${attribute}${APART}${of ?? ''}${APART}${text}`);
  };
  for (let at = 0; at < run.steps.length && at < STEPS_LOOKED_AT; at++) {
    const { step } = run.steps[at] as RunStep;
    const { service, serviceVersion, instance, message } = step;
    if (serviceVersion !== null) note('service.version', service, serviceVersion);
    if (instance !== null) note('service.instance.id', service, instance);
    const owners: Owners = { service, destination: message?.destination ?? null, run: null };
    for (const [name, value] of step.attributes) {
      const kind = KINDS.get(name);
      if (kind !== undefined) note(kind.attribute, owners[kind.of], value);
    }
  }
  for (let at = 0; at < run.messages.length && at < STEPS_LOOKED_AT; at++) {
    const message = run.messages[at] as RunMessage;
    if (message.version !== null) note('version', messageName(message), message.version);
  }
  return [...traits];
}

const APART = '\u0000';

export function traitOf(key: string): Trait {
  const [attribute = '', of = '', ...value] = key.split(APART);
  return { attribute, of: of === '' ? null : of, value: value.join(APART) };
}
