import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import type { Resource } from '@opentelemetry/resources';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { harmless } from '../harmless.js';
import { NAME, VERSION } from '../version.js';
import type { Settings } from '../settings.js';

/**
 * Who sends: OTEL_SERVICE_NAME, else `service.name` of OTEL_RESOURCE_ATTRIBUTES, else the name in the
 * package.json nearest to the script, else the specification's `unknown_service:node`.
 */
export function serviceResource(settings: Settings): Resource {
  const script = nearestPackage(process.argv[1]);
  const defaults = resourceFromAttributes({
    'service.name': script?.name ?? 'unknown_service:node',
    ...(script?.version === undefined ? {} : { 'service.version': script.version }),
    'service.instance.id': randomUUID(),
    'host.name': hostname(),
    'process.pid': process.pid,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.distro.name': NAME,
    'telemetry.distro.version': VERSION,
  });
  const named = settings.serviceName === null ? {} : { 'service.name': settings.serviceName };
  return defaults
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes({ ...settings.resourceAttributes, ...named }));
}

interface PackageFacts {
  readonly name: string;
  readonly version?: string;
}

function nearestPackage(script: string | undefined): PackageFacts | null {
  if (script === undefined) return null;
  for (let folder = dirname(script); ; folder = dirname(folder)) {
    const found = harmless('read package.json', () => readPackage(join(folder, 'package.json')));
    if (found !== undefined && found !== null) return found;
    if (folder === dirname(folder)) return null;
  }
}

function readPackage(file: string): PackageFacts | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  const { name, version } = JSON.parse(text) as { name?: unknown; version?: unknown };
  if (typeof name !== 'string' || name === '') return null;
  return typeof version === 'string' ? { name, version } : { name };
}
