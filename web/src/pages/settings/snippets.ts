/** Ready-made code that sends the first event to this platform. */

export const SNIPPET_KINDS = ["curl", "javascript", "python"] as const;
export type SnippetKind = (typeof SNIPPET_KINDS)[number];

interface Target {
  endpoint: string;
  writeKey: string;
}

const SNIPPETS: Record<SnippetKind, (target: Target) => string> = {
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
