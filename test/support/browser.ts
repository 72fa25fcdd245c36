import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser } from 'playwright-core';

const SYSTEM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

interface Chromium {
  readonly executablePath: string;
  readonly args: readonly string[];
}

/** `CHROMIUM_PATH`, else the system's, else the one that npm brought; undefined where none can run. */
async function findChromium(): Promise<Chromium | undefined> {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined && named !== '') return { executablePath: named, args: [] };
  const system = SYSTEM_PATHS.find((path) => existsSync(path));
  if (system !== undefined) return { executablePath: system, args: [] };
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const { default: packed } = (await import('@sparticuz/chromium')) as {
    default: { executablePath: () => Promise<string>; args: string[] };
  };
  return { executablePath: await packed.executablePath(), args: packed.args };
}

const found = await findChromium().catch((error: unknown) => {
  console.warn(`No browser could be unpacked: ${String(error)}`);
  return undefined;
});

/** False where no browser can run: tests that need one say so and are left out. */
export const hasBrowser = found !== undefined;

if (!hasBrowser) {
  console.warn(
    '\n*** BROWSER TESTS ARE LEFT OUT: there is no Chromium. Install it, or set CHROMIUM_PATH. ***\n',
  );
}

export function launchBrowser(): Promise<Browser> {
  if (found === undefined) throw new Error('There is no Chromium; see the notice above');
  return chromium.launch({
    executablePath: found.executablePath,
    // Containers lack the kernel features that the sandbox needs; pages come from this test alone.
    args: [...found.args, '--no-sandbox'],
  });
}

/** The source of axe-core, to be evaluated in a page: that way the page's policy need not allow it. */
export const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
