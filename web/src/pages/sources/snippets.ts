/** Ready-made code that sends the first event to this platform. */

export const SNIPPET_KINDS = ["web", "miniprogram", "javascript", "python", "curl"] as const;
export type SnippetKind = (typeof SNIPPET_KINDS)[number];

interface Target {
  endpoint: string;
  writeKey: string;
}

const SNIPPETS: Record<SnippetKind, (target: Target) => string> = {
  web: ({ endpoint, writeKey }) => `<script>
  !(function (w, d, src) {
    var q = (w.quanyu = w.quanyu || []);
    if (q.load) return;
    "load page track identify group alias reset register unregister shared optIn optOut flush ready"
      .split(" ")
      .forEach(function (m) {
        q[m] = function () {
          q.push([m].concat([].slice.call(arguments)));
        };
      });
    var s = d.createElement("script");
    s.async = true;
    s.src = src;
    d.head.appendChild(s);
  })(window, document, "${endpoint}/sdk/quanyu.js");
  quanyu.load("${writeKey}");
</script>
`,
  miniprogram: ({ endpoint, writeKey }) => `// ${endpoint}/sdk/quanyu-miniprogram.js → libs/quanyu.js
const quanyu = require("./libs/quanyu.js");

const tracker = quanyu.load({
  host: "${endpoint}",
  writeKey: "${writeKey}",
});
`,
  curl: ({ endpoint, writeKey }) => `curl ${endpoint}/v1/track \\
  -u '${writeKey}:' \\
  -H 'Content-Type: application/json' \\
  -d '{
    "userId": "u-1001",
    "event": "Product Viewed",
    "properties": { "product_id": "tea-01", "name": "明前龙井", "price": 128, "currency": "CNY" }
  }'`,
  javascript: ({ endpoint, writeKey }) => `await fetch("${endpoint}/v1/track", {
  method: "POST",
  headers: {
    "Content-Type": "application/json",
    Authorization: "Basic " + btoa("${writeKey}:"),
  },
  body: JSON.stringify({
    userId: "u-1001",
    event: "Product Viewed",
    properties: { product_id: "tea-01", name: "明前龙井", price: 128, currency: "CNY" },
  }),
});`,
  python: ({
    endpoint,
    writeKey,
  }) => `import segment.analytics as analytics  # pip install segment-analytics-python

analytics.host = "${endpoint}"
analytics.write_key = "${writeKey}"
analytics.track("u-1001", "Product Viewed", {
    "product_id": "tea-01", "name": "明前龙井", "price": 128, "currency": "CNY",
})
analytics.flush()`,
};

export function trackingSnippet(kind: SnippetKind, target: Target): string {
  return SNIPPETS[kind]({ ...target, endpoint: new URL(target.endpoint).origin });
}
