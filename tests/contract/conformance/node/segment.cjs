// Sends one event of each kind with @segment/analytics-node as its users would: url, write key, mark, hours the clock is ahead.
'use strict';

const { Analytics } = require('@segment/analytics-node');

const [url, writeKey, mark, ahead] = process.argv.slice(2);

/** A machine whose clock is wrong. */
function setClock(hours) {
  const Right = Date;
  const off = hours * 3_600_000;
  globalThis.Date = class extends Right {
    constructor(...given) {
      super(...(given.length ? given : [Right.now() + off]));
    }
    static now() {
      return Right.now() + off;
    }
  };
}

async function main() {
  if (ahead) setClock(Number(ahead));
  const analytics = new Analytics({ writeKey, host: url, flushAt: 4, flushInterval: 100 });
  const failed = [];
  analytics.on('error', (error) => failed.push(String(error.reason ?? error.code)));
  const when = new Date('2026-03-04T04:00:00.123Z');
  const userId = `${mark}-user`;
  const own = (messageId) => ({ messageId: `${mark}-${messageId}`, ...(ahead ? {} : { timestamp: when }) });

  analytics.identify({ userId, traits: { city: '杭州', level: 3 }, ...own('identify') });
  analytics.track({
    userId,
    event: 'Order Completed',
    properties: { order_id: `${mark}-1`, revenue: 25.5, currency: 'CNY', products: [{ product_id: 'tea', price: 25.5, quantity: 1 }] },
    context: { channel: 'web', campaign: { name: 'spring', source: 'poster', medium: 'qr' }, page: { path: '/tea' } },
    integrations: { All: false, Mixpanel: true },
    ...own('track'),
  });
  analytics.page({ anonymousId: `${mark}-visitor`, name: '春茶', category: '商城', properties: { path: '/spring' }, ...own('page') });
  analytics.screen({ anonymousId: `${mark}-visitor`, name: '首页', ...own('screen') });
  analytics.group({ userId, groupId: `${mark}-group`, traits: { size: 12 }, ...own('group') });
  analytics.alias({ userId, previousId: `${mark}-visitor`, ...own('alias') });
  for (let n = 0; n < 25; n += 1) {
    analytics.track({ userId, event: 'Batched', properties: { n }, ...own(`batched-${n}`) });
  }
  await analytics.closeAndFlush();
  process.stdout.write(JSON.stringify(failed));
}

main();
