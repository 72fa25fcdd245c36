import type { UnixNs } from '@throughline/model/time';
import { DueHeap } from './due-heap.js';

/** Which subjects have to be judged: those that changed, and those whose time has come. */
export class Agenda {
  readonly #changed = new Set<string>();
  readonly #heap = new DueHeap<{ readonly subject: string; readonly atNs: UnixNs }>();
  /** The one appointment of each subject that counts; others in the heap were overtaken. */
  readonly #appointments = new Map<string, UnixNs>();

  changed(subject: string): void {
    this.#changed.add(subject);
  }

  /** Judges the subject again at the instant, or earlier if that was asked for before. */
  revisit(subject: string, atNs: UnixNs): void {
    const known = this.#appointments.get(subject);
    if (known !== undefined && known <= atNs) return;
    this.#appointments.set(subject, atNs);
    this.#heap.push(atNs, { subject, atNs });
  }

  take(now: UnixNs): ReadonlySet<string> {
    const due = new Set(this.#changed);
    this.#changed.clear();
    for (const { subject, atNs } of this.#heap.take(now)) {
      if (this.#appointments.get(subject) !== atNs) continue;
      this.#appointments.delete(subject);
      due.add(subject);
    }
    return due;
  }
}
