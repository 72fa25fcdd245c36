import { fileURLToPath } from 'node:url';
import { startProgram, type Program } from './start-program.js';

export interface AppOptions {
  /** Address of the OTLP receiver. */
  readonly collector: string;
  readonly service?: string;
  /** `--import` unless said otherwise. */
  readonly load?: 'import' | 'require' | 'none';
  readonly env?: NodeJS.Dict<string>;
  readonly args?: readonly string[];
}

const apps = new URL('../instrumentation/apps/', import.meta.url);

/** Starts an app of test/instrumentation/apps with the built instrumentation, as a user would. */
export function startApp(file: string, options: AppOptions): Program {
  const { collector, service = 'app', load = 'import', env = {}, args = [] } = options;
  const loading = load === 'none' ? [] : [`--${load}`, '@throughline/instrumentation/register'];
  return startProgram([process.execPath, ...loading, fileURLToPath(new URL(file, apps)), ...args], {
    cwd: fileURLToPath(apps),
    env: {
      NODE_OPTIONS: undefined,
      OTEL_SERVICE_NAME: service,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      ...env,
    },
  });
}
