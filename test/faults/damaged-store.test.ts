import {
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  closeSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seeded } from '@throughline/fixtures/build/seeded';
import { order } from './orders.js';
import { judge } from './check-history.js';
import { scaled, seed, tell } from './scale.js';
import { Sender } from './sender.js';
import { Scene } from './watched-collector.js';
import { spansInFolder } from './witness.js';

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.leave());

async function filled(count: number): Promise<void> {
  const collector = await scene.start();
  const sender = new Sender(scene.history);
  for (let number = 0; number < count; number += 1)
    await sender.send(collector.url, order(number, { ballastBytes: 4_000 }));
  sender.close();
  await collector.stop();
}

describe('a damaged store', () => {
  it('B7 never shows what was not sent, says what is missing, and moves aside what cannot be read', async () => {
    await filled(40);
    const path = join(scene.dataFolder, 'facts.db');
    const sound = readFileSync(path);
    const sent = scene.history.operations().filter(({ op }) => op === 'sent');
    const chance = seeded(seed);
    const offsets = scaled({ quick: 16, full: 500 });
    let silent = 0;
    let said = 0;
    for (let left = offsets; left > 0; left -= 1) {
      const at = chance.below(sound.length);
      const file = openSync(path, 'r+');
      writeSync(file, Buffer.from([(sound[at] ?? 0) ^ (1 << chance.below(8))]), 0, 1, at);
      closeSync(file);
      const warnings: string[] = [];
      const found = await spansInFolder(scene.dataFolder, (text) => warnings.push(text));
      const { invented, altered } = judge([...sent, { op: 'stored', spans: found }]).verdict;
      expect([at, invented, altered]).toEqual([at, [], []]);
      if (warnings.length > 0) said += 1;
      else if (found.length < 200) silent += 1;
      for (const name of readdirSync(scene.dataFolder)) {
        if ((name.startsWith('facts.db') && !name.endsWith('.reserve')) || name === 'quarantine')
          rmSync(join(scene.dataFolder, name), { recursive: true });
      }
      writeFileSync(path, sound);
    }
    expect(silent).toBe(0);
    tell(
      'B7',
      `${String(offsets)} flipped bits: 0 wrong reads, 0 losses without a word (${String(said)} were told of, the others hit nothing that is read)`,
    );
  }, 600_000);

  const breakages: readonly [string, (folder: string) => void, boolean][] = [
    ['an overwritten head', (folder) => overwrite(join(folder, 'facts.db'), 0, 4_096), true],
    [
      'a file cut in the middle',
      (folder) =>
        truncateSync(join(folder, 'facts.db'), statSync(join(folder, 'facts.db')).size >> 1),
      true,
    ],
    ['a file of no length', (folder) => truncateSync(join(folder, 'facts.db'), 0), false],
  ];
  it('B7 that cannot be opened is kept, told of, and followed by a store that takes spans', async () => {
    await filled(10);
    for (const [what, damage, isMovedAside] of breakages) {
      const dataFolder = join(scene.folder, what.replaceAll(' ', '-'));
      cpSync(scene.dataFolder, dataFolder, { recursive: true });
      damage(dataFolder);
      const collector = await scene.start({ dataFolder });
      expect(collector.said()).toMatch(/damaged|held data before/);
      const aside = join(dataFolder, 'quarantine');
      expect([what, existsSync(aside) && readdirSync(aside).length > 0]).toEqual([
        what,
        isMovedAside,
      ]);
      const sender = new Sender(scene.history);
      expect(await sender.send(collector.url, order(1_000))).toMatchObject({ status: 200 });
      sender.close();
      expect(await collector.stop()).toBe(0);
      expect((await spansInFolder(dataFolder)).map(({ run }) => run)).toEqual(
        Array.from({ length: 5 }, () => 'order-1000'),
      );
    }
    tell(
      'B7',
      `${String(breakages.length)} files that cannot be opened: all kept, all told of, 0 restart loops`,
    );
  }, 120_000);

  it('B7 without its journal, or with half of it, opens with all of a moment that was', async () => {
    const collector = await scene.start();
    const sender = new Sender(scene.history);
    for (let number = 0; number < 20; number += 1) await sender.send(collector.url, order(number));
    sender.close();
    await collector.stop('SIGKILL');
    const journal = readFileSync(join(scene.dataFolder, 'facts.db-wal'));
    const sent = scene.history.operations().filter(({ op }) => op === 'sent');
    expect(journal.length).toBeGreaterThan(0);
    for (const share of [0, 0.3, 0.7]) {
      const place = join(scene.folder, `journal-${String(share)}`);
      mkdirSync(place);
      cpSync(join(scene.dataFolder, 'facts.db'), join(place, 'facts.db'));
      if (share > 0)
        writeFileSync(
          join(place, 'facts.db-wal'),
          journal.subarray(0, Math.floor(journal.length * share)),
        );
      const found = await spansInFolder(place, () => undefined);
      const { invented, altered, repeated } = judge([
        ...sent,
        { op: 'stored', spans: found },
      ]).verdict;
      expect({ invented, altered, repeated }).toEqual({ invented: [], altered: [], repeated: [] });
      expect(found.length % 5).toBe(0);
    }
  });
});

function overwrite(path: string, at: number, bytes: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(bytes, 0x55), 0, bytes, at);
  closeSync(file);
}
