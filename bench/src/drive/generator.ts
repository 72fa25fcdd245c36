import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { profileNamed } from '../stream/profiles.js';
import { SpanStream, type Batch } from '../stream/span-stream.js';
import { encode, headersOf, isGzip, type Encoding } from '../wire/encoding.js';
import type { CommandName, Commands, Prepared } from './protocol.js';
import { sendBodies, type Body } from './send-bodies.js';
import { verify } from './verify.js';

const INFLATE_CPU_US = 400_000;
/** Bodies that were not compressed are, for the unit, as many as make a fair sample. */
const SAMPLE_BODIES = 200;
const INFLATE_CHUNK = 512 * 1_024;

class Generator {
  #stream: SpanStream | null = null;
  #batches: Iterator<Batch, void> | null = null;
  #encoding: Encoding = 'protobuf+gzip';
  #bodies: Body[] = [];
  /** Spans that were acknowledged, by the number of their run. */
  #acked: Int32Array = new Int32Array(1_024);

  open({ spec, encoding }: Commands['open']['ask']): null {
    this.#stream = new SpanStream(spec, profileNamed(spec.profile));
    this.#batches = this.#stream.batches();
    this.#encoding = encoding;
    this.#bodies = [];
    this.#acked = new Int32Array(1_024);
    return null;
  }

  prepare({ spans }: Commands['prepare']['ask']): Prepared {
    const { batches, stream } = this.#opened();
    stream.continueAt(BigInt(Date.now()) * 1_000_000n);
    this.#bodies = [];
    let made = 0;
    let isOver = false;
    while (made < spans && !isOver) {
      const { value: batch } = batches.next();
      isOver = batch === undefined;
      if (batch === undefined) break;
      const bytes = encode(batch, this.#encoding);
      this.#bodies.push({ bytes, spans: batch.spans.length, runs: batch.runs });
      made += batch.spans.length;
    }
    const wireBytes = this.#bodies.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const runs = stream.truth.keys.length;
    return { bodies: this.#bodies.length, spans: made, wireBytes, runs, isOver };
  }

  /** Over and over, until it took long enough to be told from nothing. */
  inflate(): Commands['inflate']['answer'] {
    const bodies = isGzip(this.#encoding)
      ? this.#bodies
      : this.#bodies
          .slice(0, SAMPLE_BODIES)
          .map((body) => ({ ...body, bytes: gzipSync(body.bytes) }));
    const passes: number[] = [];
    const before = process.cpuUsage();
    for (let used = 0; passes.length === 0 || used < INFLATE_CPU_US;) {
      const start = process.cpuUsage();
      for (const { bytes } of bodies) gunzipSync(bytes, { chunkSize: INFLATE_CHUNK });
      passes.push(microseconds(process.cpuUsage(start)));
      used = microseconds(process.cpuUsage(before));
    }
    const spans = bodies.reduce((sum, body) => sum + body.spans, 0);
    const used = microseconds(process.cpuUsage(before));
    return { usPerSpan: used / passes.length / spans };
  }

  async send(order: Commands['send']['ask']): Promise<Commands['send']['answer']> {
    const bodies = this.#bodies.slice(order.from, order.to);
    const onAck = ({ runs }: Body): void => {
      if (order.isCounted) for (const run of runs) this.#acknowledge(run);
    };
    return sendBodies(bodies, { ...order, headers: headersOf(this.#encoding), onAck });
  }

  verify({ url, limitMs }: Commands['verify']['ask']): Promise<Commands['verify']['answer']> {
    const { keys } = this.#opened().stream.truth;
    return verify({ url, limitMs, keys, acked: this.#acked });
  }

  async write({ folder }: Commands['write']['ask']): Promise<Commands['write']['answer']> {
    await mkdir(folder, { recursive: true });
    const ending = this.#encoding.replace('protobuf', 'pb').replace('+gzip', '.gz');
    const spansOf = new Map<number, number>();
    for (const [at, { bytes, runs }] of this.#bodies.entries()) {
      const name = `body-${String(at).padStart(6, '0')}.${ending}`;
      await writeFile(join(folder, name), bytes);
      for (const run of runs) if (run >= 0) spansOf.set(run, (spansOf.get(run) ?? 0) + 1);
    }
    const { keys } = this.#opened().stream.truth;
    const runs = [...spansOf].map(([run, spans]) => ({ key: keys[run] ?? null, spans }));
    await writeFile(join(folder, 'truth.json'), `${JSON.stringify({ runs }, null, 1)}\n`);
    return { files: this.#bodies.length + 1 };
  }

  keys({ count }: Commands['keys']['ask']): readonly string[] {
    const keys = this.#opened().stream.truth.keys.filter((key) => key !== null);
    const step = Math.max(1, Math.floor(keys.length / count));
    return keys.filter((_, at) => at % step === 0).slice(0, count);
  }

  #acknowledge(run: number): void {
    if (run < 0) return;
    if (run >= this.#acked.length) {
      const larger = new Int32Array(Math.max(run + 1, this.#acked.length * 2));
      larger.set(this.#acked);
      this.#acked = larger;
    }
    this.#acked[run] = (this.#acked[run] ?? 0) + 1;
  }

  #opened(): { stream: SpanStream; batches: Iterator<Batch, void> } {
    if (!this.#stream || !this.#batches) throw new Error('BUG: no stream is open');
    return { stream: this.#stream, batches: this.#batches };
  }
}

function microseconds({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}

const generator = new Generator();
process.on('message', ({ name, ask }: { name: CommandName; ask: never }) => {
  const run = async (): Promise<unknown> => generator[name](ask);
  run().then(
    (answer) => process.send?.({ answer }),
    (fault: unknown) => process.send?.({ fault: String(fault) }),
  );
});
