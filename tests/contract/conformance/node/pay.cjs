// Makes calls with wechatpay-axios-plugin as its users would: one JSON line in, one JSON line out.
'use strict';

const { Aes, Formatter, Rsa, Wechatpay } = require('wechatpay-axios-plugin');
const readline = require('node:readline');

const clients = new Map();

function clientOf({ merchant, mode }) {
  const key = `${merchant.mchid} ${mode}`;
  if (!clients.has(key)) {
    const certs = mode === 'public_key'
      ? { [merchant.public_key_id]: merchant.public_key_pem }
      : Object.fromEntries(merchant.platform_certificates.map((one) => [one.serial_no, one.certificate_pem]));
    clients.set(key, new Wechatpay({
      mchid: merchant.mchid,
      serial: merchant.serial_no,
      privateKey: merchant.private_key_pem,
      certs,
    }));
  }
  return clients.get(key);
}

async function make(request) {
  const { merchant, mode } = request;
  if (request.call === '$decrypt') {
    const { nonce, associated_data: aad, ciphertext } = request.args[0];
    return Aes.AesGcm.decrypt(nonce, merchant.api_v3_key, ciphertext, aad);
  }
  if (request.call === '$pay-sign') {
    return Rsa.sign(Formatter.joinedByLineFeed(...request.args), merchant.private_key_pem);
  }
  if (request.call === '$seal') return Rsa.encrypt(request.args[0], merchant.public_key_pem);
  if (request.call === '$reveal') return Rsa.decrypt(request.args[0], merchant.private_key_pem);
  if (request.call === '$bill') return Formatter.castCsvBill(Buffer.from(request.args[0], 'base64'));
  const { verb, path, body, params } = request.kwargs;
  const headers = mode === 'public_key' ? { 'Wechatpay-Serial': merchant.public_key_id } : {};
  const config = { headers, params, ...(request.kwargs.binary ? { responseType: 'arraybuffer' } : {}) };
  const target = path.split('/').filter(Boolean).reduce((at, part) => at[part], clientOf(request));
  const answer = verb === 'get' || verb === 'delete' ? await target[verb](config) : await target[verb](body, config);
  const data = Buffer.isBuffer(answer.data) ? { base64: answer.data.toString('base64') } : answer.data;
  return [answer.status, data];
}

async function answer(line) {
  try {
    return { result: (await make(JSON.parse(line))) ?? null };
  } catch (error) {
    const { response } = error;
    if (response && response.data && response.data.code) return { result: [response.status, response.data] };
    return {
      error: { class: error.name, text: error.message, errcode: null, status: response ? response.status : null },
    };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
  }
}

main();
