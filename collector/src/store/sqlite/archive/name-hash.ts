/** 52 bits of a name: as many as a number holds exactly, and a column of SQLite. */
export interface NameHash {
  readonly high: number;
  readonly low: number;
}

/** FNV-1a and, beside it, the multiplication of MurmurHash3's finalizer: two that err independently. */
export function hashOf(name: string): NameHash {
  let high = 0x811c9dc5;
  let low = 0x9e3779b9;
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ code, 0x85ebca6b);
    low ^= low >>> 13;
  }
  high ^= high >>> 16;
  return { high: high >>> 0, low: (low ^ (low >>> 12)) & 0xfffff };
}

export function numberOf({ high, low }: NameHash): number {
  return high * 0x100000 + low;
}

export function hashFrom(number: number): NameHash {
  return { high: Math.floor(number / 0x100000), low: number % 0x100000 };
}
