// Makes calls with a Node SDK as its users would: one JSON line in, one JSON line out.
'use strict';

const API = require('co-wechat-api');
const Crypt = require('wechat-crypto');
const JSONbig = require('json-bigint');
const readline = require('node:readline');

const clients = new Map();

function clientOf({ appid, secret, fresh }) {
  if (fresh || !clients.has(appid)) clients.set(appid, new API(appid, secret));
  return clients.get(appid);
}

async function make(request) {
  if (request.wecom) return require('@wecom/crypto')[request.call](...request.args);
  if (request.crypt) {
    const crypt = new Crypt(request.crypt.token, request.crypt.aes_key, request.crypt.id);
    return crypt[request.call](...request.args);
  }
  if (request.call === '$methods') {
    return Object.getOwnPropertyNames(API.prototype).filter((name) => name !== 'constructor');
  }
  const client = clientOf(request);
  const method = client[request.call];
  if (typeof method !== 'function') throw new Error(`no method ${request.call}`);
  return method.apply(client, request.args);
}

function give(value) {
  return Buffer.isBuffer(value) ? { base64: value.toString('base64') } : value;
}

async function answer(line) {
  try {
    return { result: give(await make(JSON.parse(line))) ?? null };
  } catch (error) {
    const found = /status code: (\d+)/.exec(error.message);
    return {
      error: {
        class: error.name,
        text: error.message,
        errcode: error.code ?? null,
        status: found ? Number(found[1]) : null,
      },
    };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    // Numbers beyond what JavaScript counts exactly come and go as they are.
    process.stdout.write(`${JSONbig.stringify(await answer(line))}\n`);
  }
}

main();
