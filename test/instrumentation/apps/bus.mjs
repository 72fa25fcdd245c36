// An event emitter as an in-process bus; one listener was there before the watch.
import { EventEmitter } from 'node:events';
import { setImmediate } from 'node:timers';
import { currentKey, watchEmitter, workflow } from '@throughline/instrumentation';

const bus = new EventEmitter();
const heard = [];
bus.on('order.placed', function early() {
  heard.push('early');
});
watchEmitter(bus, { name: 'orders-bus' });
watchEmitter(bus, { name: 'orders-bus' });
bus.on('order.placed', async function reserve(order) {
  await new Promise((resolve) => setImmediate(resolve));
  heard.push(`reserve ${order.id} ${currentKey()?.value ?? '-'}`);
  bus.emit('stock.reserved', order);
});
bus.once('order.placed', function once() {
  heard.push('once');
});
const gone = () => heard.push('gone');
bus.on('order.placed', gone);
bus.off('order.placed', gone);
workflow('checkout', { key: { order: '5' } }, () => bus.emit('order.placed', { id: 'o5' }));
bus.emit('order.placed', { id: 'o6' });
await new Promise((resolve) => setTimeout(resolve, 50));
console.log(`report ${JSON.stringify({ heard, listeners: bus.listenerCount('order.placed') })}`);
