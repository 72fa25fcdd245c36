import { invariant } from '@throughline/model/invariant';
import { ArchiveTotals } from '../../archive/archive-totals.js';
import { BlockArchiveReader } from '../../archive/archive-reader.js';
import { namesToFind, type BlockSource } from '../../archive/block-source.js';
import { BLOCK_FAMILIES_MAX, blockOf, placeIn, type BlockHead } from '../../archive/block.js';
import type {
  RunFacets,
  RunFilter,
  RunPageRequest,
  RunSort,
  RunSummary,
} from '../../read-store.js';
import type {
  ArchiveChange,
  ArchivedFamily,
  ArchivedWorkflow,
  ArchivePage,
  FamilyPlace,
  RunArchive,
  StoredFamily,
} from '../../run-archive.js';
import type { ArchiveFile } from './archive-file.js';
import { NamePartitions } from './name-partitions.js';

/** Blocks that are kept read: some 10 MB. */
const BLOCKS_KEPT = 64;
const NEEDED_BODY = 'needed-body';
/** A tie has few families: what more have is no tie. */
const TIED_MAX = 100;

/** The archive in a file of SQLite. Nothing here waits: a page of it is read, and a block laid down, within milliseconds. */
export class SqliteRunArchive implements RunArchive, BlockSource {
  readonly #file: ArchiveFile;
  readonly #names: NamePartitions;
  readonly #totals = new ArchiveTotals();
  readonly #reader: BlockArchiveReader;
  readonly #heads = new Map<number, BlockHead>();
  readonly #hidden = new Map<FamilyPlace, 'in-memory' | 'gone'>();
  readonly #read = new Map<number, readonly StoredFamily[]>();
  readonly #onDamage: (error: unknown) => void;
  #lastBlockId = 0;
  #isDamaged = false;

  /** @param onDamage told once, when a block cannot be read. */
  constructor(file: ArchiveFile, onDamage: (error: unknown) => void) {
    this.#file = file;
    this.#onDamage = onDamage;
    this.#names = new NamePartitions(file.db);
    this.#reader = new BlockArchiveReader(this, this.#totals, () => performance.now());
    for (const head of file.heads()) {
      this.#heads.set(head.id, head);
      this.#totals.addBlock(head, 1);
      this.#lastBlockId = head.id;
    }
    for (const { place, isGone } of file.hidden()) {
      this.#hidden.set(place, isGone ? 'gone' : 'in-memory');
      this.#count(place, -1);
    }
  }

  get heads(): ReadonlyMap<number, BlockHead> {
    return this.#heads;
  }

  get isEmpty(): boolean {
    return this.#heads.size === 0;
  }

  get lastBodyId(): number {
    let last = 0;
    for (const { lastBodyId } of this.#heads.values()) last = Math.max(last, lastBodyId);
    return last;
  }

  get neededBodyId(): number | null {
    const text = this.#file.meta(NEEDED_BODY);
    return text === null ? null : Number(text);
  }

  put(families: readonly ArchivedFamily[], change: ArchiveChange): readonly FamilyPlace[] {
    invariant(families.length <= BLOCK_FAMILIES_MAX, 'a block holds more families than places');
    const blockId = this.#lastBlockId + 1;
    const places = families.map((_, index) => placeIn(blockId, index));
    const kept = places.filter((_, index) => families[index]?.isInMemory === true);
    const all: ArchiveChange = { ...change, intoMemory: [...(change.intoMemory ?? []), ...kept] };
    const lay = this.#file.db.transaction((): BlockHead => {
      const head = this.#file.insertBlock(blockId, families);
      const names = families.map((family, index) => {
        const all = new Set([...family.ties, ...namesToFind(family)]);
        return [placeIn(blockId, index), [...all]] as const;
      });
      this.#names.add(blockId, names);
      this.#write(all);
      return head;
    });
    let head: BlockHead;
    try {
      head = lay();
    } catch (error) {
      this.#names.rollBack();
      throw error;
    }
    this.#lastBlockId = blockId;
    this.#heads.set(blockId, head);
    this.#totals.addBlock(head, 1);
    this.#apply(all);
    return places;
  }

  change(change: ArchiveChange): void {
    this.#file.db.transaction(() => this.#write(change))();
    this.#apply(change);
  }

  mayHaveTie(tie: string): boolean {
    return this.#names.mayHave(tie);
  }

  withTie(tie: string): readonly FamilyPlace[] {
    return this.#names.find(tie, TIED_MAX).filter((place) => !this.isHidden(place));
  }

  family(place: FamilyPlace): StoredFamily | undefined {
    const { blockId, index } = blockOf(place);
    return this.families(blockId)[index];
  }

  inMemory(): readonly FamilyPlace[] {
    return [...this.#hidden].filter(([, why]) => why === 'in-memory').map(([place]) => place);
  }

  dropBefore(bodyId: number, held: ReadonlySet<number>): void {
    const isHeld = ({ id }: BlockHead): boolean =>
      held.size > 0 &&
      this.families(id).some(({ bodyIds }) => bodyIds.some((one) => held.has(one)));
    const dropped = [...this.#heads.values()].filter(
      (head) => head.lastBodyId < bodyId && !isHeld(head),
    );
    if (dropped.length === 0) return;
    const hidden = new Map<number, FamilyPlace[]>();
    for (const place of this.#hidden.keys()) {
      const { blockId } = blockOf(place);
      hidden.set(blockId, [...(hidden.get(blockId) ?? []), place]);
    }
    this.#file.db.transaction(() => {
      for (const head of dropped) this.#dropBlock(head, hidden.get(head.id) ?? []);
      const [first = this.#lastBlockId + 1] = this.#heads.keys();
      this.#names.dropBefore(first);
    })();
  }

  close(): void {
    this.#names.save();
    this.#file.db.close();
  }

  // Reading.

  get runCount(): number {
    return this.#reader.runCount;
  }

  get(idOrAlias: string): RunSummary | undefined {
    return this.#reader.get(idOrAlias);
  }

  withValue(value: string): readonly RunSummary[] {
    return this.#reader.withValue(value);
  }

  mayHaveAttribute(...asked: Parameters<BlockArchiveReader['mayHaveAttribute']>): boolean {
    return this.#reader.mayHaveAttribute(...asked);
  }

  placesOf(idOrAlias: string): readonly FamilyPlace[] {
    return this.#reader.placesOf(idOrAlias);
  }

  page(request: RunPageRequest): ArchivePage {
    return this.#reader.page(request);
  }

  facets(filter: RunFilter): RunFacets {
    return this.#reader.facets(filter);
  }

  workflows(): ReadonlyMap<string, ArchivedWorkflow> {
    return this.#reader.workflows();
  }

  // What the lists read.

  families(blockId: number): readonly StoredFamily[] {
    const known = this.#read.get(blockId);
    if (known !== undefined) this.#read.delete(blockId);
    const families = known ?? this.#readable(() => this.#file.families(blockId), []);
    this.#read.set(blockId, families);
    const [oldest] = this.#read.keys();
    if (this.#read.size > BLOCKS_KEPT && oldest !== undefined) this.#read.delete(oldest);
    return families;
  }

  values(blockId: number, sort: RunSort): BigInt64Array {
    return this.#readable(() => this.#file.values(blockId, sort), new BigInt64Array());
  }

  named(name: string, max: number): readonly FamilyPlace[] {
    return this.#readable(() => this.#names.find(name, max), []);
  }

  isHidden(place: FamilyPlace): boolean {
    return this.#hidden.has(place) || !this.#heads.has(blockOf(place).blockId);
  }

  #write({ intoMemory = [], outOfMemory = [], gone = [], neededBodyId }: ArchiveChange): void {
    for (const place of intoMemory) this.#file.hide(place, false);
    for (const place of outOfMemory) this.#file.show(place);
    for (const place of gone) this.#file.hide(place, true);
    this.#file.putMeta(NEEDED_BODY, String(neededBodyId));
  }

  #apply({ intoMemory = [], outOfMemory = [], gone = [] }: ArchiveChange): void {
    for (const place of [...intoMemory, ...gone]) {
      if (!this.#hidden.has(place)) this.#count(place, -1);
      this.#hidden.set(place, gone.includes(place) ? 'gone' : 'in-memory');
    }
    for (const place of outOfMemory) if (this.#hidden.delete(place)) this.#count(place, 1);
  }

  /** What cannot be read is left out: whoever asks gets the rest. */
  #readable<T>(read: () => T, otherwise: T): T {
    try {
      return read();
    } catch (error) {
      if (!this.#isDamaged) this.#onDamage(error);
      this.#isDamaged = true;
      return otherwise;
    }
  }

  #count(place: FamilyPlace, by: 1 | -1): void {
    for (const { summary } of this.family(place)?.runs ?? []) this.#totals.add(summary, by);
  }

  #dropBlock(head: BlockHead, hidden: readonly FamilyPlace[]): void {
    for (const place of hidden) {
      this.#hidden.delete(place);
      this.#count(place, 1);
      this.#file.show(place);
    }
    this.#totals.addBlock(head, -1);
    this.#heads.delete(head.id);
    this.#read.delete(head.id);
    this.#file.deleteBlock(head.id);
  }
}
