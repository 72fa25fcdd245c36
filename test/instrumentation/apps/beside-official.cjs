// One request to itself, in an app that has an OpenTelemetry SDK and its HTTP instrumentation.
const { seen } = require('./official-setup.cjs');
const http = require('node:http');
const { setImmediate } = require('node:timers');
const { step } = require('@throughline/instrumentation');

const server = http.createServer((request, response) => response.end('ok'));
server.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}/`;
  await step(
    'call',
    () =>
      new Promise((resolve) => {
        http.get(url, (response) => response.resume().on('end', resolve));
      }),
  );
  server.close(() => setImmediate(() => console.log(`report ${JSON.stringify(seen())}`)));
  server.closeIdleConnections();
});
