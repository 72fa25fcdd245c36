import { fileURLToPath } from 'node:url';
import { startProgram, type Program } from './start-program.js';

const program = fileURLToPath(new URL('../../collector/dist/main.js', import.meta.url));

export interface RunningCollector extends Program {
  readonly url: string;
}

/** Starts the built collector in a process of its own, on a free port, and waits until it is ready. */
export async function startCollector(
  dataFolder: string,
  args: readonly string[] = [],
): Promise<RunningCollector> {
  const started = startProgram([
    process.execPath,
    program,
    'serve',
    '--port',
    '0',
    '--data',
    dataFolder,
    ...args,
  ]);
  try {
    const [, url = ''] = await started.says(/^throughline ready at (http:\S+)$/m);
    return { ...started, url };
  } catch (fault) {
    await started.stop('SIGKILL');
    throw fault;
  }
}
