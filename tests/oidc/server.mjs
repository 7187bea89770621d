// A real authorization server (oidc-provider) and an API that it protects, for
// tests: authkeep's own test server can share a misreading with authkeep, this
// one can't. Both listen on loopback, on ports of the system's choice.
//
// Prints one line of JSON when ready and ends when its standard input does.

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const TOKEN_LIFE_S = 3;

// What RFC 6749 §2.3.1 encodes in a Basic header: a colon, a plus sign, a space
// and a percent sign each break a client that skips it.
const BASIC_SECRET = 's3cr:t+/ %&=?"basic';
const POST_SECRET = 's3cr:t+/ %&=?"post';
const API_SECRET = 'introspection secret';

// Also a warning at import that asks for Node 22; nothing used here needs it.
const { warn } = console;
console.warn = () => {};
const { Provider } = await import('oidc-provider');
console.warn = warn;

const stats = {
  token_requests: 0, // of any outcome
  tokens_issued: 0,
  resource_requests: 0,
  unauthorized: 0, // of resource_requests
  tokens_refused: 0, // different tokens among those
};
const refusedTokens = new Set();

class MemoryAdapter {
  static payloads = new Map();

  constructor(model) {
    this.model = model;
  }

  async upsert(id, payload) {
    MemoryAdapter.payloads.set(`${this.model}:${id}`, payload);
  }

  async find(id) {
    return MemoryAdapter.payloads.get(`${this.model}:${id}`);
  }

  async destroy(id) {
    MemoryAdapter.payloads.delete(`${this.model}:${id}`);
  }
}

function client(clientId, clientSecret, authMethod, grantTypes) {
  return {
    client_id: clientId,
    client_secret: clientSecret,
    token_endpoint_auth_method: authMethod,
    grant_types: grantTypes,
    redirect_uris: [],
    response_types: [],
  };
}

function newProvider(issuer) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    adapter: MemoryAdapter,
    clients: [
      client('basic-client', BASIC_SECRET, 'client_secret_basic', ['client_credentials']),
      client('post-client', POST_SECRET, 'client_secret_post', ['client_credentials']),
      client('api', API_SECRET, 'client_secret_basic', []),
    ],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, asking) => asking.clientId === 'api',
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, asking, token) => asking.clientId === token.clientId,
      },
    },
    jwks: { keys: [privateKey.export({ format: 'jwk' })] },
    ttl: { ClientCredentials: () => TOKEN_LIFE_S },
  });
  provider.on('grant.success', () => { stats.tokens_issued += 1; });
  provider.on('server_error', (_ctx, error) => console.error(error));
  return provider;
}

async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}

function answer(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

const issuerServer = createServer();
const issuer = await listen(issuerServer);
const answerAsIssuer = newProvider(issuer).callback();
issuerServer.on('request', (request, response) => {
  if (request.url === '/token') {
    stats.token_requests += 1;
  }
  answerAsIssuer(request, response);
});

async function introspect(token) {
  const credential = [encodeURIComponent('api'), encodeURIComponent(API_SECRET)].join(':');
  const response = await fetch(`${issuer}/token/introspection`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(credential).toString('base64')}` },
    body: new URLSearchParams({ token }),
  });
  if (!response.ok) {
    throw new Error(`introspection answered ${response.status}: ${await response.text()}`);
  }
  return response.json();
}

async function answerOrders(request, response) {
  stats.resource_requests += 1;
  const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1];
  const facts = token === undefined ? { active: false } : await introspect(token);
  if (facts.active) {
    answer(response, 200, { client_id: facts.client_id, orders: [1, 2, 3] });
    return;
  }
  stats.unauthorized += 1;
  if (token !== undefined) {
    refusedTokens.add(token);
    stats.tokens_refused = refusedTokens.size;
  }
  // RFC 6750 §3.1: no error code for a request without a credential.
  const problem = token === undefined ? '' : ', error="invalid_token"';
  answer(response, 401, { error: 'unauthorized' }, {
    'www-authenticate': `Bearer realm="orders"${problem}`,
  });
}

const api = await listen(createServer((request, response) => {
  switch (request.url) {
    case '/v1/orders':
      answerOrders(request, response).catch((error) => {
        console.error(error);
        answer(response, 500, { error: 'introspection failed' });
      });
      break;
    case '/stats':
      answer(response, 200, stats);
      break;
    default:
      answer(response, 404, { error: 'not found' });
  }
}));

console.log(JSON.stringify({
  token_endpoint: `${issuer}/token`,
  revocation_endpoint: `${issuer}/token/revocation`,
  base_url: `${api}/v1`,
  resource_url: `${api}/v1/orders`,
  stats_url: `${api}/stats`,
  token_life_s: TOKEN_LIFE_S,
  clients: {
    basic: { client_id: 'basic-client', client_secret: BASIC_SECRET },
    body: { client_id: 'post-client', client_secret: POST_SECRET },
  },
}));

process.stdin.resume();
process.stdin.once('end', () => process.exit(0));
