// Files and links in a conversation: what others send is shown in place, by way of the gateway, and nothing of it runs.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { atApi } from "./support/api.mjs";
import { narrow } from "./support/attaching.mjs";
import { assertAccessible } from "./support/axe.mjs";
import { Chat, Roster, signIn, until } from "./support/elements.mjs";
import { png, wav } from "./support/files.mjs";
import { film } from "./support/film.mjs";
import { setStage } from "./support/stage.mjs";
import { comeIn, outOfBand, shared, text } from "./support/xmpp.mjs";

const JULIET = "juliet@spark.localhost";

let romeo;
const stage = setStage({ begins: async () => (romeo = await sharer("romeo")), ends: () => romeo?.leaves() });

/** Somebody at a client of their own, who has files to share. */
async function sharer(name) {
  const [client, { upload }] = await Promise.all([comeIn(stage.demo, name), atApi(stage.demo, name)]);
  return { ...client, uploads: upload };
}

/** Somebody who reads what another writes; and what their page asks for. `prepare` is given the page before anything is on it. */
async function arrive(name = "juliet", other = "Romeo", { prepare = async () => {}, options = {} } = {}) {
  const person = await stage.enters(options);
  const page = await person.context.newPage();
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await prepare(page);
  await page.goto(`${stage.demo.url}/together.html`);
  await signIn(page, name);
  const chat = new Chat(page);
  if (other.includes("@")) {
    await page.locator("spark-chat").evaluate((element, jid) => (element.jid = jid), other);
    await chat.composer.waitFor();
  } else {
    await new Roster(page).open(other);
    // What was said before is there, and the end of it in sight: what comes then is near.
    await chat.shows("Tonight. Use the gate.");
    await chat.log.evaluate((log) => (log.scrollTop = log.scrollHeight));
  }
  const files = (of = "") => asked.filter((url) => url.includes("/api/v1/files") && url.includes(of));
  return { page, chat, asked, files };
}

/** A name that no earlier file has. */
let count = 0;
const called = (what, ending) => `${what} ${(count += 1)}.${ending}`;

test("a picture is shown in its place, opens large, and can be kept", async () => {
  const { page, chat, asked } = await arrive();
  const name = called("the sun", "png");
  const picture = png(640, 480);
  const url = await romeo.uploads(name, "image/png", picture);
  const desc = `The sun in the east, ${name}`;
  await romeo.sends(JULIET, shared(url, { name, "media-type": "image/png", size: picture.length, dimensions: "640x480", desc }));

  const shown = chat.log.getByRole("button", { name: desc });
  const image = shown.locator("img");
  await image.waitFor();
  const seen = await image.evaluate(({ src, naturalWidth, naturalHeight, alt }) => ({ src, naturalWidth, naturalHeight, alt }));
  assert.match(seen.src, /^blob:/);
  assert.deepEqual([seen.naturalWidth, seen.naturalHeight, seen.alt], [640, 480, desc]);
  const { width, height } = await shown.boundingBox();
  assert.deepEqual([width, height], [320, 240], "it has the shape that was said");
  const elsewhere = asked.filter((address) => !address.startsWith(stage.demo.url) && !address.startsWith("blob:"));
  assert.deepEqual(elsewhere, [], "nobody else is asked");

  await shown.focus();
  await page.keyboard.press("Enter");
  const large = chat.element.getByRole("dialog", { name: desc });
  await large.getByRole("img", { name: desc }).waitFor();
  await assertAccessible(page, "spark-chat");
  const [download] = await Promise.all([page.waitForEvent("download"), large.getByRole("button", { name: `Save ${name}` }).click()]);
  assert.equal(download.suggestedFilename(), name);
  assert.deepEqual(await readFile(await download.path()), picture);
  await page.keyboard.press("Escape");
  await large.waitFor({ state: "detached" });
  assert.ok(await shown.evaluate((button) => button === button.getRootNode().activeElement), "the focus is where it was");

  // What is shown of it goes with the message.
  await page.locator("spark-chat").evaluate((element) => (element.jid = "nurse@spark.localhost"));
  await chat.isWith("Nurse");
  const isThere = (address) => page.evaluate((blob) => fetch(blob).then(() => true, () => false), address);
  await until("the picture being let go", async () => !(await isThere(seen.src)));
});

test("a picture of which nothing is said but its address is shown too", async () => {
  const { chat } = await arrive();
  const name = called("moon", "png");
  await romeo.sends(JULIET, ...outOfBand(await romeo.uploads(name, "image/png", png(60, 90))));
  const shown = chat.log.getByRole("button", { name });
  await shown.locator("img").waitFor();
  const { width, height } = await shown.boundingBox();
  assert.deepEqual([width, height], [60, 90]);
});

test("what is no picture is a file, whatever it is called", async () => {
  const { page, chat } = await arrive();
  const html = "<!doctype html><script>window.__xss = opener ? (opener.__xss = 1) : 1</script><img src=x onerror='window.__xss=1'>";
  const name = `"><img src=x onerror=window.__xss=1>${called("", "png")}`;
  const url = await romeo.uploads("evil.png", "text/html", html);
  await romeo.sends(JULIET, shared(url, { name, "media-type": "image/png", size: html.length }));
  const link = chat.log.getByRole("link", { name });
  await link.waitFor();
  await chat.log.getByText("It can't be shown here").last().waitFor();

  const page2 = called("evil", "html");
  const other = await romeo.uploads(page2, "text/html", html);
  await romeo.sends(JULIET, shared(other, { name: page2, "media-type": "text/html", size: html.length }));
  const file = chat.log.getByRole("link", { name: page2 });
  const [download] = await Promise.all([page.waitForEvent("download"), file.click()]);
  assert.equal(download.suggestedFilename(), page2);
  assert.equal(await readFile(await download.path(), "utf8"), html);

  const svg = called("drawing", "svg");
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" onload="window.__xss=1"/>`;
  const drawn = await romeo.uploads(svg, "image/svg+xml", drawing);
  await romeo.sends(JULIET, shared(drawn, { name: svg, "media-type": "image/svg+xml" }));
  await chat.log.getByRole("link", { name: svg }).waitFor();
  assert.equal(await chat.log.getByRole("button", { name: svg }).count(), 0);
  assert.equal(await page.evaluate(() => window.__xss), undefined);
  assert.equal(page.context().pages().length, 1, "nothing was opened");
});

for (const [colorScheme, width] of [["light", 1280], ["dark", 1280], ["light", 360], ["dark", 360]]) {
  test(`files in one message are apart, ${colorScheme} and ${width} wide`, async () => {
    const { page, chat } = await arrive("juliet", "romeo@spark.localhost", { options: { colorScheme, viewport: { width, height: 760 } } });
    await chat.shows("Tonight. Use the gate.");
    const names = [called("a letter", "pdf"), called("another", "pdf"), called("one that has a name for more than one line, as long as such names are", "pdf")];
    const files = names.map((name) => shared(`https://files.example/${encodeURIComponent(name)}`, { name, "media-type": "application/pdf", size: 48_213 }));
    await romeo.sends(JULIET, text("Read these"), ...files);
    await romeo.sends(JULIET, ...files);
    for (const name of names) await chat.log.getByRole("link", { name }).nth(1).waitFor();
    await assertAccessible(page, "spark-chat");
  });
}

test("a file that is gone says so, and its link stays", async () => {
  const { chat } = await arrive();
  const name = called("gone", "png");
  const url = await romeo.uploads("gone.png", "image/png", png(8, 8));
  await romeo.sends(JULIET, shared(url.replace("file_share/", "file_share/0"), { name, "media-type": "image/png" }));
  const link = chat.log.getByRole("link", { name });
  await link.waitFor();
  await chat.log.getByText("It couldn't be fetched. The link leads to where it was kept.").last().waitFor();
  assert.match(await link.getAttribute("href"), /gone\.png$/);
});

test("of somebody who is no contact nothing is fetched before it is wanted", async () => {
  const { chat, files, asked } = await arrive("mercutio", "tybalt@spark.localhost");
  const tybalt = await sharer("tybalt");
  const name = called("blade", "png");
  const url = await tybalt.uploads(name, "image/png", png(40, 40));
  await tybalt.sends("mercutio@spark.localhost", text("See https://news.example/duel"), shared(url, { name, "media-type": "image/png", size: 1234 }));
  const offer = chat.log.getByRole("button", { name: `${name} Show picture · 1 KB` });
  await offer.waitFor();
  // Something came after it, and of that too nothing was fetched.
  await tybalt.sends("mercutio@spark.localhost", text("Well?"));
  await chat.shows("Well?");
  assert.deepEqual([files(), asked.filter((address) => address.includes("/previews"))], [[], []]);
  await offer.click();
  await chat.log.getByRole("button", { name }).locator("img").waitFor();
  assert.equal(files().length, 1);
  await tybalt.leaves();
});

test("who saves data is shown nothing that they did not ask for", async () => {
  const saves = (page) => page.addInitScript(() => Object.defineProperty(navigator, "connection", { value: { saveData: true } }));
  const { chat, files } = await arrive("juliet", "Romeo", { prepare: saves });
  const name = called("large", "png");
  const url = await romeo.uploads(name, "image/png", png(40, 40));
  await romeo.sends(JULIET, shared(url, { name, "media-type": "image/png" }));
  await chat.log.getByRole("button", { name: `${name} Show picture` }).waitFor();
  assert.deepEqual(files(), []);
});

test("a sound is fetched when it is to be heard", async () => {
  const { chat, files } = await arrive();
  const name = called("lark", "wav");
  const sound = wav(2);
  const url = await romeo.uploads(name, "audio/wav", sound);
  await romeo.sends(JULIET, shared(url, { name, "media-type": "audio/wav", size: sound.length }));
  const play = chat.log.getByRole("button", { name: `Play ${name}` });
  await play.waitFor();
  assert.deepEqual(files("lark"), []);
  await play.click();
  const player = chat.log.locator("audio").last();
  await until("the sound", () => player.evaluate((audio) => audio.readyState >= 2 && audio.duration === 2));
  assert.equal(await player.getAttribute("aria-label"), name);
});

/** What is shown of a film or a sound: how long it is, where it is, and what of it is there, in seconds. */
const state = (player) =>
  player.evaluate(({ duration, currentTime, seeking, readyState, paused, buffered }) => ({
    duration,
    currentTime,
    isPlaying: !paused && !seeking && readyState >= 2,
    there: Array.from({ length: buffered.length }, (_, n) => [buffered.start(n), buffered.end(n)]),
  }));

/** Somebody's film of 40 seconds, which takes 20 to be fetched by whoever looks at it. */
async function showFilm({ page, chat }) {
  const name = called("masque", "webm");
  const bytes = await film(page, 40);
  const url = await romeo.uploads(name, "video/webm", bytes);
  await romeo.sends(JULIET, shared(url, { name, "media-type": "video/webm", size: bytes.length, dimensions: "320x240" }));
  await chat.log.getByRole("button", { name: `Play ${name}` }).click({ trial: true });
  await narrow(page, 0, bytes.length / 20);
  await chat.log.getByRole("button", { name: `Play ${name}` }).click();
  const player = chat.log.locator("video").last();
  const begun = await until("it to play", async () => {
    const seen = await state(player);
    return seen.isPlaying && seen.currentTime > 0 && seen;
  });
  return { player, begun };
}

/** Goes to a second of a film, and resolves once it plays from there. */
async function goTo(player, second) {
  await player.evaluate((video, at) => (video.currentTime = at), second);
  return until(`it to play from ${second}`, async () => {
    const seen = await state(player);
    return seen.isPlaying && seen.currentTime >= second && seen;
  });
}

test("a film plays before all of it is there, and is sought in", async () => {
  const { page, chat, files } = await arrive();
  const { player, begun } = await showFilm({ page, chat });
  assert.equal(begun.duration, 40);
  assert.ok(begun.there.every(([, end]) => end < 30), `it plays while it comes: ${JSON.stringify(begun)}`);
  const seen = await goTo(player, 35);
  assert.ok(!seen.there.some(([first, end]) => first < 30 && end > 35), `what is between is not waited for: ${JSON.stringify(seen)}`);
  const asked = files("masque");
  assert.ok(asked.length > 1 && asked.every((url) => new URL(url).searchParams.get("ticket")), `the browser asks by tickets: ${asked}`);
});

test("a film whose ticket has run out goes on by another", async () => {
  const { page, chat, files } = await arrive();
  const { player } = await showFilm({ page, chat });
  const tickets = () => new Set(files("masque").map((url) => new URL(url).searchParams.get("ticket")));
  const [first] = tickets();
  const problem = { type: "/sparkweb/problems/token_expired", title: "a", status: 401, detail: "Too late.", code: "token_expired" };
  const isSpent = (url) => url.searchParams.get("ticket") === first;
  await page.route(isSpent, (route) => route.fulfill({ status: 401, contentType: "application/problem+json", body: JSON.stringify(problem) }));
  await goTo(player, 35);
  assert.equal(tickets().size, 2);
});

test("what does not play as it comes plays once it is there, and one plays at a time", async () => {
  const none = (page) => page.route((url) => url.searchParams.has("ticket"), (route) => route.abort());
  const { chat, files } = await arrive("juliet", "Romeo", { prepare: none });
  const players = [];
  for (const seconds of [2, 3]) {
    const name = called("nightingale", "wav");
    const url = await romeo.uploads(name, "audio/wav", wav(seconds));
    await romeo.sends(JULIET, shared(url, { name, "media-type": "audio/wav" }));
    await chat.log.getByRole("button", { name: `Play ${name}` }).click();
    const player = chat.log.getByLabel(name, { exact: true });
    await until("the sound", async () => (await state(player)).duration === seconds);
    players.push({ name, player });
  }
  await chat.log.getByRole("button", { name: `Play ${players[0].name}` }).waitFor();
  assert.equal(await players[0].player.count(), 0);
  assert.equal(files("nightingale").filter((url) => !new URL(url).searchParams.has("ticket")).length, 2);
});

/** Answers for the pages that the gateway would fetch: the demo's goes where anybody could, and no further. */
async function withPages(page, pages) {
  await page.route("**/sparkweb/api/v1/previews**", (route) => {
    const { pathname, searchParams } = new URL(route.request().url());
    const told = pages[searchParams.get("url")];
    if (!told) {
      const problem = { type: "/sparkweb/problems/not_found", title: "a", status: 404, detail: "Nothing.", code: "not_found" };
      return route.fulfill({ status: 404, contentType: "application/problem+json", body: JSON.stringify(problem) });
    }
    if (pathname.endsWith("/picture")) return route.fulfill({ contentType: "image/png", body: png(40, 40) });
    return route.fulfill({ json: { url: searchParams.get("url"), has_picture: false, ...told } });
  });
}

test("a link has a preview below it, once, and quietly none where there is none", async () => {
  const news = `https://news.example/feud-${process.pid}`;
  const evil = `https://evil.example/${process.pid}`;
  const pages = {
    [news]: { title: "Feud in Verona", description: "Two households, both alike in dignity.", site: "The Daily Page", has_picture: true },
    [evil]: { title: "<svg onload=window.__xss=1>", description: "<script>window.__xss=1</script>" },
  };
  const { page, chat, asked } = await arrive("juliet", "Romeo", { prepare: (page) => withPages(page, pages) });
  await romeo.sends(JULIET, text(`Look at ${news} and at https://other.example/`));
  const card = chat.log.getByRole("link", { name: /Feud in Verona.*The Daily Page/s });
  await card.waitFor();
  assert.equal(await card.getAttribute("href"), news);
  assert.equal(await card.getAttribute("rel"), "noopener noreferrer nofollow");
  await card.locator("img[src^='blob:']").waitFor();
  await assertAccessible(page, "spark-chat");

  await romeo.sends(JULIET, text(`Again: ${news}`));
  await until("the second", async () => (await card.count()) === 2);
  await romeo.sends(JULIET, text(`\`\`\`\nhttps://code.example/\n\`\`\`\n> https://quoted.example/`));
  await romeo.sends(JULIET, text("https://nothing.example/"));
  await romeo.sends(JULIET, text(evil));
  await chat.log.getByRole("link", { name: "<svg onload=window.__xss=1>" }).waitFor();
  const previews = asked.map((url) => new URL(url)).filter(({ pathname }) => pathname.endsWith("/previews"));
  const wanted = previews.map(({ searchParams }) => searchParams.get("url")).filter((url) => !url.includes("maps.example.com"));
  assert.deepEqual(wanted.sort(), [evil, news, "https://nothing.example/"].sort());
  assert.equal(await page.evaluate(() => window.__xss), undefined);

  // A page that wants none has none.
  await page.locator("spark-chat").evaluate((element) => (element.previews = "off"));
  await card.first().waitFor({ state: "detached" });
  assert.equal(await card.count(), 0);
});

test("what comes above does not move what is read, and at the end the end stays in sight", async () => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  let isHeld = false;
  const hold = (page) =>
    page.route("**/sparkweb/api/v1/files?**", async (route) => {
      if (isHeld) await held;
      await route.continue();
    });
  const { page, chat } = await arrive("juliet", "Romeo", { prepare: hold });
  const name = called("tall", "png");
  const url = await romeo.uploads(name, "image/png", png(160, 320));
  isHeld = true;
  // Its size is not told, so that it will be another one.
  await romeo.sends(JULIET, shared(url, { name, "media-type": "image/png" }));
  const frame = chat.log.getByRole("button", { name: new RegExp(name) });
  await frame.waitFor();
  for (let n = 0; n < 30; n += 1) await romeo.sends(JULIET, text(`line ${n} of ${name}`));
  await chat.shows(`line 29 of ${name}`);
  // The picture is half above what is in sight.
  await chat.log.evaluate((log, label) => {
    const picture = [...log.querySelectorAll(".picture")].find((one) => one.outerHTML.includes(label));
    log.scrollTop += picture.getBoundingClientRect().top - log.getBoundingClientRect().top + 60;
  }, name);
  const read = chat.message(`line 3 of ${name}`).first();
  const place = async () => (await read.boundingBox()).y;
  const before = await place();
  release();
  await frame.locator("img").waitFor();
  await until("the picture's own size", async () => (await frame.boundingBox()).height === 320);
  assert.ok(Math.abs((await place()) - before) <= 1, `${before} became ${await place()}`);

  await chat.element.getByRole("button", { name: "Jump to newest" }).click();
  const last = called("last", "png");
  const other = await romeo.uploads(last, "image/png", png(160, 320));
  await romeo.sends(JULIET, shared(other, { name: last, "media-type": "image/png" }));
  await chat.log.getByRole("button", { name: last }).locator("img").waitFor();
  await until("the end", () => chat.log.evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop <= 1));
  assert.equal(await page.evaluate(() => document.scrollingElement.scrollTop), 0);
});
