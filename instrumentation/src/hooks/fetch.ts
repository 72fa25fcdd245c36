import type { Settings } from '../settings.js';

export function hookFetch(_settings: Settings): void {}
