import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const model = fileURLToPath(new URL('../model/src/', import.meta.url));

/**
 * `base: './'` and the `<base href>` that the server fills in let one build run under any path. Nothing is
 * inlined as a `data:` address, because the content security policy allows our own origin only.
 */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [react()],
  resolve: {
    alias: [{ find: /^@throughline\/model\/(.*)$/, replacement: `${model}$1.ts` }],
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ['chrome123', 'firefox121', 'safari17.5'],
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '/api': 'http://127.0.0.1:4318',
      '/socket.io': { target: 'http://127.0.0.1:4318', ws: true },
    },
  },
});
