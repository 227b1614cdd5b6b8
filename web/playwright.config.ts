import { defineConfig } from "@playwright/test";

/** One worker: the server under test runs real models, and the smallest machine has two cores. */
export default defineConfig({
  testDir: "e2e",
  testMatch: "*.spec.ts",
  outputDir: "../out/e2e",
  preserveOutput: "failures-only",
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: !!process.env.CI,
  // A busy machine may miss a limit once, which is then told as flaky; what fails twice is broken.
  retries: process.env.CI ? 1 : 0,
  reporter: [["list"]],
  use: {
    launchOptions: {
      executablePath: process.env.HALLES_CHROMIUM,
      // Who allows it is heard by a microphone that beeps once a second.
      args: [
        "--use-fake-device-for-media-stream",
        "--no-sandbox",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-sync",
      ],
    },
    locale: "en-GB",
    viewport: { width: 1280, height: 900 },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
  },
});
