import { start } from './start.js';

// For `node --import @throughline/instrumentation/register` and `--require`.
start();
