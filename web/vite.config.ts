import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** The running platform that `npm run dev` talks to. */
const server = process.env.QUANYU_SERVER ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    manifest: true,
    // The console, the page staff open beside chats, and the forms everybody may open.
    rollupOptions: { input: { index: "index.html", sidebar: "sidebar.html", form: "form.html" } },
    // ECharts alone passes the default; scripts/check-size.mjs holds the limits that count.
    chunkSizeWarningLimit: 1200,
  },
  server: {
    proxy: { "/api": server, "/login": server, "/v1": server },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.ts"],
  },
});
