// What the elements make of what devices say of themselves, and the tests' own authenticator app.

import assert from "node:assert/strict";
import { test } from "node:test";

import { deviceName } from "../../sdk-wasm/npm/widgets/forms/devices.js";
import { ago } from "../../sdk-wasm/npm/widgets/forms/times.js";
import { codeOf } from "./support/totp.mjs";

test("a device is called as people call it", () => {
  for (const [agent, name] of [
    ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", "Chrome on Linux"],
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on macOS"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone"],
    ["Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android"],
    ["curl/8.14.1", "curl"],
    ["backup-tool/1.0", "backup-tool/1.0"],
    [" ", "Unknown device"],
  ]) {
    assert.equal(deviceName(agent), name);
  }
});

test("times are told to what matters of them", () => {
  const now = Date.UTC(2026, 10, 26, 12);
  const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
  for (const [ms, told] of [
    [now - 20 * minute, "20 minutes ago"],
    [now - 5 * hour, "5 hours ago"],
    [now - day, "yesterday"],
    [now + 3 * day, "in 3 days"],
    [now - 60 * day, "September 27, 2026"],
  ]) {
    assert.equal(ago(ms, now), told);
  }
});

test("the tests' app shows the codes of RFC 6238, appendix B", () => {
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  for (const [seconds, code] of [
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_234_567_890, "005924"],
    [20_000_000_000, "353130"],
  ]) {
    assert.equal(codeOf(secret, Math.floor(seconds / 30)), code);
  }
});
