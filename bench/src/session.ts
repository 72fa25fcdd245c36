import { GeneratorProcess } from './drive/generator-process.js';
import type { SendReport } from './drive/protocol.js';
import type { Options } from './options.js';
import { hasTaken } from './servers/collector-api.js';
import type { ServerProcess } from './servers/server-process.js';
import { settle } from './servers/settle.js';
import { startCollector, withFolder } from './servers/start-servers.js';
import { specOf } from './stream/spec-of.js';
import type { StreamSpec } from './stream/span-stream.js';

const READY_MS = 20_000;
/** Bodies of so many spans are made and held at once; what is larger is sent piece by piece. */
const SLICE_SPANS = 250_000;

export interface Slice {
  readonly spans: number;
  readonly usPerSpan: number;
  readonly spansPerS: number;
  readonly idleMsPerS: number;
  readonly sent: SendReport;
  readonly notes: readonly string[];
}

/** A collector that stays up while a stream goes on, and is measured piece by piece. */
export class Session {
  readonly server: ServerProcess;
  readonly generator: GeneratorProcess;
  readonly #options: Options;
  #taken = 0;

  private constructor(server: ServerProcess, generator: GeneratorProcess, options: Options) {
    this.server = server;
    this.generator = generator;
    this.#options = options;
  }

  get taken(): number {
    return this.#taken;
  }

  static within<T>(
    options: Options,
    spec: Partial<Omit<StreamSpec, 'startNs'>> & { spans: number },
    use: (session: Session) => Promise<T>,
  ): Promise<T> {
    return withFolder(async (folder) => {
      const server = await startCollector(folder, READY_MS);
      const generator = new GeneratorProcess();
      try {
        const { knobs, seed, profiles, encodings } = options;
        const whole = { ...knobs, seed, profile: profiles[0] ?? 'choreography', ...spec };
        const [encoding = 'protobuf+gzip'] = encodings;
        await generator.ask('open', { spec: specOf(whole), encoding });
        return await use(new Session(server, generator, options));
      } finally {
        await generator.stop();
        await server.kill();
      }
    });
  }

  /** Sends the next spans of the stream as fast as they are taken, or at a rate, and waits until they are dealt with. */
  async load(spans: number, spansPerS: number | null = null): Promise<Slice> {
    const cpuBeforeS = this.server.cpuS();
    const parts: SendReport[] = [];
    const notes: string[] = [];
    let pausedMs = 0;
    let acked = 0;
    for (let left = spans; left > 0; left -= SLICE_SPANS) {
      const start = performance.now();
      const prepared = await this.generator.ask('prepare', { spans: Math.min(left, SLICE_SPANS) });
      pausedMs += performance.now() - start;
      if (prepared.bodies === 0) break;
      const sent = await this.#send(prepared.bodies, prepared.spans, spansPerS);
      parts.push(sent);
      acked += sent.ackedSpans;
      if (!sent.limitHit) continue;
      notes.push('sending took too long');
      break;
    }
    this.#taken += acked;
    const settled = await settle(this.server, cpuBeforeS, {
      isDone: () => hasTaken(this.server.url, this.#taken),
      limitMs: this.#limitMs(acked),
    });
    if (settled.limitHit) notes.push('was not idle in time: CPU is too low');
    const wallMs = parts.reduce((sum, part) => sum + part.wallMs, 0);
    const idleS = (settled.idleS * pausedMs) / 1_000;
    const [last] = parts.slice(-1);
    if (last === undefined) throw new Error('the stream is over: nothing was sent');
    return {
      spans: acked,
      usPerSpan: ((settled.workS - (settled.limitHit ? 0 : idleS)) * 1e6) / acked,
      spansPerS: acked / (wallMs / 1_000),
      idleMsPerS: settled.idleS * 1_000,
      sent: last,
      notes,
    };
  }

  #send(bodies: number, spans: number, spansPerS: number | null): Promise<SendReport> {
    return this.generator.ask('send', {
      ...{ url: this.server.url, from: 0, to: bodies, isCounted: true, spansPerS },
      connections: this.#options.connections * (spansPerS === null ? 1 : 4),
      limitMs: this.#limitMs(spans) + (spansPerS === null ? 0 : (spans / spansPerS) * 1_000),
    });
  }

  #limitMs(spans: number): number {
    return Math.min(this.#options.full ? 3_600_000 : 60_000, 5_000 + spans);
  }
}
