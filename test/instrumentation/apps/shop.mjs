// Calls the stock service three ways inside one run of a workflow: node:http, fetch, and an event by webhook.
import http, { request } from 'node:http';
import { send, step, workflow } from '@throughline/instrumentation';

const [, , stock] = process.argv;

function viaHttp(open, path) {
  return new Promise((resolve, reject) => {
    open(`${stock}${path}`, (response) => response.resume().on('end', resolve))
      .on('error', reject)
      .end();
  });
}

await workflow('checkout', { key: { order: '8123' }, touches: { customer: 'c-77' } }, async () => {
  await step('reserve', () => viaHttp(http.get, '/reserve?token=secret'));
  await viaHttp(request, '/reserve');
  await (await fetch(`${stock}/price?token=secret`)).text();
  const body = JSON.stringify({ order: '8123' });
  const event = { system: 'http', destination: 'orders', type: 'order.placed', payload: body };
  await send(event, (headers) => fetch(`${stock}/events`, { method: 'POST', headers, body }));
  const cloudEvent = {
    'ce-specversion': '1.0',
    'ce-id': 'ce-1',
    'ce-type': 'stock.low',
    'ce-source': '/shop',
    'content-type': 'application/json',
  };
  await fetch(`${stock}/events`, { method: 'POST', headers: cloudEvent, body: '{}' });
});
