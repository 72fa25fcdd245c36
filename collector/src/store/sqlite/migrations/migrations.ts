import type { Migration } from '../migrate.js';
import { bodiesAndRecords } from './0001-bodies-and-records.js';

/** In order, without gaps. A migration that was released is never edited: its checksum is in people's files. */
export const MIGRATIONS: readonly Migration[] = [bodiesAndRecords];
