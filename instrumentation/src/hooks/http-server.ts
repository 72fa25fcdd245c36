import type { Settings } from '../settings.js';

export function hookHttpServer(_settings: Settings): void {}
