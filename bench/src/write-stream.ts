import { GeneratorProcess } from './drive/generator-process.js';
import type { Options } from './options.js';
import { say } from './print.js';
import { specOf } from './stream/spec-of.js';

const SPANS = 10_000;

/** Writes the bodies of a stream to a folder, and its truth beside them: which run has how many spans. */
export async function writeStream(options: Options, folder: string): Promise<void> {
  const generator = new GeneratorProcess();
  try {
    const { knobs, seed, profiles, encodings } = options;
    const [profile = 'choreography'] = profiles;
    const [encoding = 'protobuf+gzip'] = encodings;
    const spec = specOf({ ...knobs, seed, profile, spans: options.spans ?? SPANS });
    await generator.ask('open', { spec, encoding });
    const { spans } = await generator.ask('prepare', { spans: Number.POSITIVE_INFINITY });
    const { files } = await generator.ask('write', { folder });
    say(`${String(files)} files with ${String(spans)} spans in ${folder}`);
  } finally {
    await generator.stop();
  }
}
