import type { Settings } from '../settings.js';

export function hookRabbitmq(_settings: Settings): void {}
