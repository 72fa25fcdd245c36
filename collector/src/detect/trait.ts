import type { AttributeValue, Step } from '@throughline/model/step';
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

const PARTITIONS = [
  'messaging.destination.partition.id',
  'messaging.kafka.destination.partition',
  'messaging.kafka.partition',
  'messaging.eventhubs.partition.id',
] as const;

const TRAITS_MAX = 64;
const STEPS_LOOKED_AT = 200;
const VALUE_CHARS_MAX = 120;

/** What the run could differ in from others, each once. */
export function traitsOf({ run }: RunIndex): readonly string[] {
  const traits = new Set<string>();
  const note = (attribute: string, of: string | null, value: AttributeValue | undefined): void => {
    if (value === undefined || value === null || typeof value === 'object') return;
    const text = String(value);
    if (text === '' || text.length > VALUE_CHARS_MAX || traits.size >= TRAITS_MAX) return;
    traits.add(traitKey({ attribute, of, value: text }));
  };
  const services = new Set<string>();
  for (const { step } of run.steps.slice(0, STEPS_LOOKED_AT)) {
    note('service.version', step.service, step.serviceVersion ?? undefined);
    note('service.instance.id', step.service, step.instance ?? undefined);
    for (const name of OF_RUN) note(name, null, read(step, name));
    if (step.message !== null) {
      for (const name of PARTITIONS) note('partition', step.message.destination, read(step, name));
    }
    if (services.has(step.service)) continue;
    services.add(step.service);
    for (const name of OF_SERVICE) note(name, step.service, read(step, name));
  }
  for (const message of run.messages.slice(0, STEPS_LOOKED_AT)) {
    note('version', messageName(message), message.version ?? undefined);
  }
  return [...traits];
}

function read({ attributes }: Step, name: string): AttributeValue | undefined {
  return attributes.get(name) ?? attributes.get(`resource.${name}`);
}

function traitKey({ attribute, of, value }: Trait): string {
  return JSON.stringify([attribute, of, value]);
}

export function traitOf(key: string): Trait {
  const [attribute, of, value] = JSON.parse(key) as [string, string | null, string];
  return { attribute, of, value };
}
