// Serves requests and takes events; CommonJS, and without any call of the API.
const { createServer } = require('node:http');

const server = createServer((request, response) => {
  if (request.url === '/events') response.statusCode = 202;
  request.resume().on('end', () => response.end('ok'));
});
server.listen(0, '127.0.0.1', () => console.log(`ready at ${server.address().port}`));
