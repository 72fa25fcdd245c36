import { fileURLToPath } from 'node:url';
import { CliFault, EXIT, type ExitCode } from './exit-code.js';

/**
 * What the package of the sample services offers: it starts the collector and the services as processes, says
 * where they are, and ends them all when the user wants the end. It settles with the exit code.
 */
interface DemoModule {
  readonly runDemo: (options: DemoOptions) => Promise<ExitCode>;
}

interface DemoOptions {
  readonly program: string;
  readonly port: number;
  readonly seed: string;
  readonly dataFolder: string | null;
}

/** The collector does not depend on the sample services: they are there in the repository, not in the package. */
const DEMO_ENTRY = new URL('../../../fixtures/dist/demo/main.js', import.meta.url);
const PROGRAM = fileURLToPath(new URL('../main.js', import.meta.url));

export async function runDemo(options: Omit<DemoOptions, 'program'>): Promise<ExitCode> {
  const { runDemo: run } = await demoModule();
  return run({ ...options, program: PROGRAM });
}

async function demoModule(): Promise<DemoModule> {
  try {
    return (await import(DEMO_ENTRY.href)) as DemoModule;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliFault(
      EXIT.failed,
      `The sample services are not built: ${why}`,
      'In the repository, run `npm run demo`; the installed package does not carry them.',
    );
  }
}
