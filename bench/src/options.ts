import { parseArgs } from 'node:util';
import { PROFILES, profileNamed } from './stream/profiles.js';
import type { StreamSpec } from './stream/span-stream.js';
import { ENCODINGS, type Encoding } from './wire/encoding.js';

export const TABLES = [
  'ingest',
  'flatness',
  'open-runs',
  'one-run',
  'half-rate',
  'to-browser',
  'viewers',
] as const;
export type Table = (typeof TABLES)[number];

export interface Options {
  readonly tables: readonly Table[];
  readonly profiles: readonly string[];
  readonly encodings: readonly Encoding[];
  /** Null: as many as the time allows. */
  readonly spans: number | null;
  readonly repeats: number;
  readonly connections: number;
  readonly budgetS: number;
  readonly full: boolean;
  /** What is done instead of making tables. */
  readonly instead: 'guard' | 'store' | null;
  /** Where the stream is written to, instead of being sent; null: it is sent. */
  readonly writeTo: string | null;
  readonly seed: string;
  readonly knobs: Omit<StreamSpec, 'profile' | 'seed' | 'spans' | 'startNs'>;
}

export const USAGE = `npm run bench -- [options]

  --only <tables>          ${TABLES.join(', ')} (ingest); "all" for all
  --profile <names>        ${PROFILES.map(({ name }) => name).join(', ')} (choreography)
  --encoding <names>       ${ENCODINGS.join(', ')} (the two with gzip, "all" for all)
  --spans <n>              spans of one repetition (as many as the time allows, 100,000 at most)
  --repeats <n>            repetitions, interleaved with the references (3)
  --budget <seconds>       time for the table of ingest (170)
  --full                   the large sizes: 1,000,000 spans a repetition, 20,000,000 stored
  --guard                  compares the ratios with the stored ones; exits with 1 on a loss of more than 10 %
  --store                  measures the ratios and stores them
  --write-to <folder>      writes the stream and its truth to a folder, and sends nothing
  --batch <n>              spans of one request (512)
  --open-runs <n>          runs under way at the same time (3000)
  --disorder <seconds>     by which spans arrive late, evenly spread (0)
  --duplicates <share>     spans that are sent twice (0)
  --missing-consumers <share>  runs that end with a message that nobody takes (0)
  --pace <n>               spans for a second of the time in the spans (20000)
  --connections <n>        connections of the sender (4)
  --seed <text>            another stream of the same kind (1)
`;

/** @throws Error that says which option is wrong and what is allowed. */
export function optionsOf(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ only: text, profile: text, encoding: text, spans: text, repeats: text, budget: text },
      ...{ batch: text, 'open-runs': text, disorder: text, duplicates: text, pace: text },
      ...{ 'missing-consumers': text, connections: text, seed: text },
      'write-to': text,
      ...{ full: flag, guard: flag, store: flag },
    },
  });
  const number = (
    name: Exclude<keyof typeof values, 'full' | 'guard' | 'store'>,
    fallback: number,
  ): number => numberOf(name, values[name], fallback);
  const list = (value: string | undefined, fallback: string): readonly string[] =>
    (value ?? fallback).split(',');
  return {
    tables: (values.only === 'all' ? TABLES : list(values.only, 'ingest')).map((name) =>
      oneOf('--only', name, TABLES),
    ),
    profiles: list(values.profile, 'choreography').map((name) => profileNamed(name).name),
    encodings: encodingsOf(values.encoding ?? 'protobuf+gzip,json+gzip'),
    spans: values.spans === undefined ? (values.full ? 1_000_000 : null) : number('spans', 0),
    repeats: number('repeats', 3),
    connections: number('connections', 4),
    budgetS: number('budget', values.full ? 7_200 : 170),
    full: values.full,
    instead: values.guard ? 'guard' : values.store ? 'store' : null,
    writeTo: values['write-to'] ?? null,
    seed: values.seed ?? '1',
    knobs: {
      batch: number('batch', 512),
      openRuns: number('open-runs', 3_000),
      disorderS: number('disorder', 0),
      duplicates: number('duplicates', 0),
      missingConsumers: number('missing-consumers', 0),
      leavesOpen: false,
      pace: number('pace', 20_000),
    },
  };
}

function encodingsOf(text: string): readonly Encoding[] {
  if (text === 'all') return ENCODINGS;
  return text.split(',').map((name) => oneOf('--encoding', name, ENCODINGS));
}

function numberOf(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text.replaceAll('_', ''));
  if (Number.isFinite(value) && value >= 0) return value;
  throw new Error(`--${name}: expected a number that is not negative, found "${text}"`);
}

function oneOf<T extends string>(option: string, name: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === name);
  if (found !== undefined) return found;
  throw new Error(`${option}: "${name}" is none of ${choices.join(', ')}`);
}
