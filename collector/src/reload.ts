import type { RebuildView, ReloadView } from '@throughline/model/api/config';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from './config/config.js';
import type { EngineRoom } from './engine-room.js';

export interface Reloader {
  /**
   * Reads the configuration again, and begins to stitch the stored spans anew when their runs depend on what changed.
   *
   * @param isForced also when nothing changed.
   * @throws Fault BAD_CONFIG: nothing changes then. OVERLOADED
   */
  reload(isForced: boolean): ReloadView;
  state(): RebuildView;
}

export interface ReloaderDeps {
  readonly engines: EngineRoom;
  /** What held at the start: sections other than the policy hold until the end. */
  readonly settings: Config;
  /** @throws Fault BAD_CONFIG */
  readonly read: () => Config;
}

/** Sections that are read at the start only, by their names in the file. */
const AT_START = ['server', 'ui', 'storage', 'ingest', 'forward', 'alerts', 'brokers'] as const;

export function reloader({ engines, settings, read }: ReloaderDeps): Reloader {
  return {
    reload(isForced) {
      const now = read();
      const isChanged = !isDeepStrictEqual(now.policy, engines.current.policy);
      if (isChanged || isForced) engines.rebuild(now.policy);
      const sections = (config: Config): Readonly<Record<string, unknown>> => ({ ...config });
      return {
        outcome: isChanged || isForced ? 'rebuilding' : 'unchanged',
        needsRestart: AT_START.filter(
          (name) => !isDeepStrictEqual(sections(now)[name], sections(settings)[name]),
        ),
        rebuild: engines.state(),
      };
    },
    state: () => engines.state(),
  };
}
