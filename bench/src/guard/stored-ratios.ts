import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Ratios } from './judge.js';

const FILE = fileURLToPath(new URL('../../stored-ratios.json', import.meta.url));

/** The ratios that must not get worse, and over how many spans they were measured: they are compared like with like. */
export interface StoredRatios {
  readonly measuredOn: string;
  readonly spans: number;
  /** By profile and encoding: `choreography protobuf+gzip`. */
  readonly cases: Readonly<Record<string, Ratios>>;
}

export async function readStoredRatios(): Promise<StoredRatios> {
  return JSON.parse(await readFile(FILE, 'utf8')) as StoredRatios;
}

export async function writeStoredRatios(stored: StoredRatios): Promise<void> {
  await writeFile(FILE, `${JSON.stringify(stored, null, 2)}\n`);
}
