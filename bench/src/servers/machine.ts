import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { cpuSecondsWithEnded } from './proc.js';

/** The share of the machine that others used since it was asked before: wall times are worth that much less. */
export class Neighbours {
  #before = reading();

  share(): number {
    const now = reading();
    const busyS = now.busyS - this.#before.busyS;
    const ownS = now.ownS - this.#before.ownS;
    const passedS = now.atS - this.#before.atS;
    this.#before = now;
    return Math.max(0, busyS - ownS) / (passedS * cpus().length);
  }
}

interface Reading {
  readonly busyS: number;
  readonly ownS: number;
  readonly atS: number;
}

/** user, nice, system, idle, iowait, irq, softirq, steal: all but the two of waiting are work. */
const WAITING: readonly number[] = [3, 4];
const TICKS_PER_S = 100;

function reading(): Reading {
  const [, line = ''] = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8')) ?? [];
  const ticks = line.split(' ').slice(0, 8).map(Number);
  const busy = ticks.reduce((sum, count, at) => (WAITING.includes(at) ? sum : sum + count), 0);
  return {
    busyS: busy / TICKS_PER_S,
    ownS: cpuSecondsWithEnded(process.pid),
    atS: performance.now() / 1_000,
  };
}
