// What the service worker decides: what is shown of a push, and what may be kept for when there is no network.

import assert from "node:assert/strict";
import { test } from "node:test";

import { isKeepable, policy } from "../../sdk-wasm/npm/shared/worker/policy.js";
import { place, read, shown, total } from "../../sdk-wasm/npm/shared/worker/shown.js";

const PUSH = {
  kind: "message",
  tag: "kX2",
  account: "juliet@spark.test",
  conversation: "romeo@spark.test",
  title: "Romeo",
  body: "Wilt thou leave me so unsatisfied?",
  message_id: "m1",
  at_ms: 1_767_225_600_000,
  acts: { reply: "r", mark_read: "m", mute: "x" },
};

const data = (text) => ({ json: () => JSON.parse(text) });

test("a push of ours is told from a site's own", () => {
  for (const [text, isOurs] of [
    [JSON.stringify(PUSH), true],
    [JSON.stringify({ ...PUSH, kind: "withdrawn" }), true],
    // Of a version to come: there is nothing that could be said of it.
    [JSON.stringify({ ...PUSH, kind: "missed_call" }), false],
    [JSON.stringify({ ...PUSH, account: undefined }), false],
    [JSON.stringify({ title: "Sale!", tag: "shop" }), false],
    ['"text"', false],
    ["null", false],
    ["Sale!", false],
  ]) {
    assert.equal(read(data(text)) !== undefined, isOurs, text);
  }
  assert.equal(read(null), undefined, "a push with nothing in it");
});

test("what a push has to say is shown, and no more", () => {
  for (const [push, title, body] of [
    [PUSH, "Romeo", "Wilt thou leave me so unsatisfied?"],
    [{ ...PUSH, count: 3 }, "Romeo (3)", "Wilt thou leave me so unsatisfied?"],
    [{ ...PUSH, body: undefined }, "Romeo", "New message"],
    [{ ...PUSH, title: undefined, body: undefined, conversation: undefined }, "New message", ""],
    [{ ...PUSH, kind: "mention", title: "Square", sender: "tybalt" }, "Square", "tybalt: Wilt thou leave me so unsatisfied?"],
    [{ ...PUSH, kind: "mention", title: "Square", sender: "tybalt", body: undefined }, "Square", "tybalt: You were mentioned"],
    [{ ...PUSH, kind: "invitation", title: "Square", sender: "Nurse", body: undefined }, "Square", "Nurse: You are invited to a room"],
    [{ ...PUSH, kind: "contact_request", title: "Paris", body: undefined }, "Paris", "Would like to be in touch with you"],
  ]) {
    const [said, options] = shown(push);
    assert.deepEqual([said, options.body], [title, body]);
  }
});

test("a notification has what a click needs, and not the text", () => {
  const [, { data: kept, tag, timestamp, renotify }] = shown({ ...PUSH, count: 2 });
  const { body: _, at_ms: __, message_id: ___, ...needed } = { ...PUSH, count: 2 };
  assert.deepEqual(kept, { sparkweb: needed });
  assert.deepEqual([tag, timestamp, renotify], ["kX2", 1_767_225_600_000, true]);
});

test("as many acts are offered as the browser shows, those for which there are tokens", () => {
  const acts = (push, how) => shown(push, {}, how)[1].actions.map(({ action, type }) => (type ? `${action}:${type}` : action));
  for (const [push, how, expected] of [
    [PUSH, { most: 2 }, ["reply", "mark_read"]],
    [PUSH, { most: 3, canType: true }, ["reply:text", "mark_read", "mute"]],
    [PUSH, { most: 0 }, []],
    [{ ...PUSH, acts: { mute: "x" } }, { most: 2 }, ["mute"]],
    [{ ...PUSH, acts: undefined }, { most: 2 }, []],
  ]) {
    assert.deepEqual(acts(push, how), expected);
  }
});

test("a site has its own pictures and words", () => {
  const site = { icon: "/icon.png", badge: "/badge.png", words: { message: "Neue Nachricht", reply: "Antworten" } };
  const [title, options] = shown({ ...PUSH, title: undefined, body: undefined }, site);
  assert.deepEqual([title, options.icon, options.badge], ["Neue Nachricht", "/icon.png", "/badge.png"]);
  assert.deepEqual(options.actions.map(({ title: word }) => word), ["Antworten", "Mark as read"]);
});

test("the badge counts what is told of, and nothing else", () => {
  const notification = (sparkweb) => ({ data: sparkweb && { sparkweb } });
  const shownNow = [notification({ kind: "message", count: 3 }), notification({ kind: "invitation" }), notification({ account: "a" }), notification()];
  assert.equal(total(shownNow), 4);
});

test("a conversation is opened where the site says", () => {
  for (const [template, conversation, url] of [
    ["/chat.html?jid={jid}", "romeo@spark.test", "/chat.html?jid=romeo%40spark.test"],
    ["/chat/{jid}", "square@rooms.spark.test/t&t", "/chat/square%40rooms.spark.test%2Ft%26t"],
    ["/chat.html", "romeo@spark.test", "/chat.html"],
    ["/chat.html?jid={jid}", undefined, "/chat.html"],
    ["/chat.html?lang=en&jid={jid}", undefined, "/chat.html?lang=en"],
    ["/chat/{jid}", undefined, "/chat/"],
  ]) {
    assert.equal(place(template, conversation), url, template);
  }
});

const SITE = { scope: "https://shop.test/app/", open: "/app/chat.html?with={jid}" };
const get = (url, more = {}) => ({ method: "GET", url, mode: "no-cors", destination: "", headers: new Headers(), ...more });
const page = { mode: "navigate", destination: "document" };

test("nothing of a gateway's API is kept, nor of anybody in particular", () => {
  for (const origin of ["https://shop.test", "https://chat.test", "https://chat.test/prefix"]) {
    for (const path of [
      "/sparkweb/api/v1/snapshot",
      "/sparkweb/api/v1/avatars/juliet@spark.test/1234",
      "/sparkweb/api/rest/chat",
      "/sparkweb/sse?token=secret",
      "/sparkweb/api/v1/events?ticket=secret",
      "/sparkweb/problems/not_found",
      "/sparkweb/.well-known/jwks.json",
    ]) {
      for (const more of [{}, page, { destination: "image" }, { destination: "script" }]) {
        assert.equal(policy(get(origin + path, more), SITE), undefined, origin + path);
      }
    }
  }
  const module = "https://chat.test/sparkweb/elements/core.js";
  for (const request of [
    get("https://shop.test/app/", { ...page, method: "POST" }),
    get(module, { headers: new Headers({ authorization: "Bearer secret" }) }),
    get("https://shop.test/app/film.png", { destination: "image", headers: new Headers({ range: "bytes=0-" }) }),
    get(`${module}?token=secret`),
    get("https://shop.test/app/?access_token=secret", page),
    get("https://shop.test/app/a.js?signature=secret", { destination: "script" }),
    get("https://juliet@shop.test/app/", page),
    get("https://shop.test/app/orders?order=7", page),
    get("https://shop.test/elsewhere", page),
    get("https://other.test/app/", page),
    get("https://other.test/a.js", { destination: "script" }),
    get("https://shop.test/api/orders"),
    get("https://shop.test/film.mp4", { destination: "video" }),
  ]) {
    assert.equal(policy(request, SITE), undefined, `${request.method} ${request.url}`);
  }
});

test("pages, what they are made of, and the elements are kept", () => {
  for (const [request, kind, url] of [
    [get("https://shop.test/app/", page), "page", "https://shop.test/app/"],
    [get("https://shop.test/app/chat.html?with=romeo%40spark.test#top", page), "page", "https://shop.test/app/chat.html"],
    [get("https://shop.test/app/chat.html?jid=romeo%40spark.test", page), "page", "https://shop.test/app/chat.html"],
    [get("https://shop.test/app.css?v=3", { destination: "style" }), "file", "https://shop.test/app.css?v=3"],
    [get("https://shop.test/assets/core_bg-1234.wasm"), "file", "https://shop.test/assets/core_bg-1234.wasm"],
    [get("https://shop.test/app.webmanifest", { destination: "manifest" }), "file", "https://shop.test/app.webmanifest"],
    [get("https://chat.test/sparkweb/elements/core_bg.wasm", { mode: "cors" }), "module", "https://chat.test/sparkweb/elements/core_bg.wasm"],
    [get("https://chat.test/at/sparkweb/sdk/core.js", { mode: "cors" }), "module", "https://chat.test/at/sparkweb/sdk/core.js"],
  ]) {
    assert.deepEqual(policy(request, SITE), { kind, url });
  }
});

test("an answer is kept if it is whole and anybody's", () => {
  const answer = (headers, more = {}) => ({ ok: true, status: 200, type: "basic", redirected: false, headers: new Headers(headers), ...more });
  for (const [what, response, expected] of [
    ["plain", answer({}), true],
    ["to be asked for again", answer({ "cache-control": "no-cache", vary: "accept-encoding" }), true],
    ["of another origin that lets us", answer({}, { type: "cors" }), true],
    ["not to be kept", answer({ "cache-control": "max-age=0, no-store" }), false],
    ["of one person", answer({ "cache-control": "private" }), false],
    ["by who asks", answer({ vary: "Accept-Encoding, Cookie" }), false],
    ["a part", answer({}, { status: 206 }), false],
    ["a failure", answer({}, { ok: false, status: 404 }), false],
    ["led elsewhere", answer({}, { redirected: true }), false],
    ["not to be looked into", answer({}, { ok: false, status: 0, type: "opaque" }), false],
  ]) {
    assert.equal(Boolean(isKeepable(response)), expected, what);
  }
});
