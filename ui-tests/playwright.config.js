const fs = require('node:fs');
const path = require('node:path');

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome'
];

/** The browser: CHROMIUM_PATH, else the first of the usual names that is installed. */
function chromium() {
  if (process.env.CHROMIUM_PATH) {
    return process.env.CHROMIUM_PATH;
  }
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const candidates = NAMES.flatMap(name =>
    folders.map(folder => path.join(folder, name))
  ).concat('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome');
  return candidates.find(candidate => fs.existsSync(candidate));
}

module.exports = {
  testDir: 'tests',
  outputDir: 'test-results',
  timeout: 180_000,
  expect: { timeout: 45_000 },
  workers: Number(process.env.UI_WORKERS ?? 2),
  forbidOnly: Boolean(process.env.CI),
  retries: process.env.CI ? 1 : 0,
  reporter: [['list']],
  reportSlowTests: null,
  use: {
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    trace: 'on-first-retry',
    video: 'off',
    launchOptions: {
      executablePath: chromium(),
      args: [
        '--no-sandbox',
        '--disable-dev-shm-usage',
        // Nothing leaves this machine.
        '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost'
      ]
    }
  }
};
