import type { Settings } from '../settings.js';

export function hookHttpClient(_settings: Settings): void {}
