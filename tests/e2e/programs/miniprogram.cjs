// A mini program on Node: the built SDK with a world of its own, against a real platform. SDK file, url, write key, mark.
'use strict';

const { readFileSync } = require('node:fs');

const [file, host, writeKey, mark] = process.argv.slice(2);
const kept = new Map();
const under = new Set();
let app;
const pages = new Map();

globalThis.wx = {
  getStorageSync: (name) => kept.get(name) ?? '',
  setStorageSync: (name, value) => void kept.set(name, value),
  removeStorageSync: (name) => void kept.delete(name),
  login: ({ success }) => setTimeout(() => success({ code: 'code-1' })),
  getAccountInfoSync: () => ({ miniProgram: { appId: 'wx1234567890abcdef' } }),
  getSystemInfoSync: () => ({ platform: 'android', language: 'zh_CN' }),
  request({ url, method, data, header, success, fail }) {
    const asked = fetch(url, { method, body: data, headers: header }).then(
      (answer) => answer.text().then(() => success({ statusCode: answer.status, header: Object.fromEntries(answer.headers) })),
      (error) => fail({ errMsg: `request:fail ${error.message}` }),
    );
    under.add(asked);
    asked.finally(() => under.delete(asked));
  },
};
globalThis.App = (handlers) => { app = handlers; };
globalThis.Page = (handlers) => { pages.set(handlers.route, handlers); };

/** As a mini program does: every `.js` file is a CommonJS module. */
function load() {
  const made = {};
  new Function('exports', readFileSync(file, 'utf8'))(made);
  return made;
}

async function main() {
  const tracker = load().load({ host, writeKey, delayMs: 20 });
  App({ onLaunch() {} });
  Page({ route: `${mark}/tea`, onShareAppMessage: () => ({ title: '春茶', path: `/${mark}/tea?id=7` }) });
  const options = { path: `${mark}/tea`, scene: 1047, query: { utm_campaign: mark, qy_share: 'friend-2' } };
  app.onLaunch(options);
  app.onShow(options);
  const page = pages.get(`${mark}/tea`);
  page.onShow.call({ ...page, route: `${mark}/tea` });
  const shared = page.onShareAppMessage.call(page, { from: 'button' });
  await tracker.login(async () => ({ userId: `${mark}-user`, openid: `${mark}-openid` }));
  tracker.track(mark, { product_id: 'tea-1' });
  app.onHide();
  await tracker.flush();
  process.stdout.write(JSON.stringify({ shared: shared.path, left: JSON.parse(kept.get('quanyu.queue')).length }));
}

main();
