import { defineConfig } from "vitest/config";

// Where `make up` serves the API; the built page is served by the same server and needs no proxy.
const FARM = "http://127.0.0.1:8080";

export default defineConfig({
  base: "/app/",
  build: {
    target: "es2022",
    // Keeps light-dark(): without it every colour would be written twice.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // The content security policy allows no data: scripts, and inlined assets defeat caching.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // On a busy machine it says how long plugins took.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: {
    // The API refuses writes whose Origin is not its Host: the proxy speaks as the API's own page.
    proxy: Object.fromEntries(
      ["/api", "/health"].map((path) => [path, { target: FARM, changeOrigin: true, ws: true, headers: { Origin: FARM } }]),
    ),
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
