// Files go with messages: chosen, pasted, dropped; made smaller, freed of what cameras note; cancelled, refused, and sent on
// after the network was away.

import assert from "node:assert/strict";
import { test } from "node:test";

import { cleanJpeg } from "../../sdk-wasm/npm/shared/files/jpeg.js";
import { atApi } from "./support/api.mjs";
import { assertAccessible } from "./support/axe.mjs";
import { Chat, Roster, signIn, until } from "./support/elements.mjs";
import { Files, bytesOf, download, draw, look, narrow } from "./support/attaching.mjs";
import { SECRET, asFromCamera } from "./support/pictures.mjs";
import { startProxy } from "./support/proxy.mjs";
import { setStage } from "./support/stage.mjs";
import { hear } from "./support/xmpp.mjs";

let romeo;
const stage = setStage({ begins: async ({ demo }) => (romeo = await atApi(demo, "romeo")) });

/** Somebody signed in, with a chat before them; `prepare` is given the page before it goes anywhere. */
async function arrive(name, other, { gateway = stage.demo.url, prepare } = {}) {
  const person = await stage.enters();
  const page = await person.newPage("about:blank");
  await prepare?.(page);
  await page.goto(`${gateway}/together.html`);
  await signIn(page, name);
  await new Roster(page).open(other);
  const chat = new Chat(page);
  await chat.composer.waitFor();
  return { page, chat, files: new Files(chat) };
}

let count = 0;
const unique = (name) => name.replace(".", `-${(count += 1)}-${process.pid}.`);
const note = (text = "What’s in a name?") => ({ name: unique("note.txt"), mimeType: "text/plain", buffer: bytesOf(text) });
const large = (bytes) => ({ name: unique("large.bin"), mimeType: "application/octet-stream", buffer: Buffer.alloc(bytes, 7) });
const photograph = async (page, width, height, orientation) => ({
  name: unique("balcony.jpg"),
  mimeType: "image/jpeg",
  buffer: asFromCamera(await draw(page, width, height), orientation),
});

/** The one file of the one message that has it. */
async function arrived({ name }) {
  const messages = await romeo.having("juliet", name);
  assert.equal(messages.length, 1, `${name} came ${messages.length} times`);
  return { ...messages[0].files[0], body: messages[0].body };
}

test("a file that is chosen goes with its text, to every client of the other side", async () => {
  const atHome = await hear(stage.demo, "romeo");
  const there = await arrive("romeo", "Juliet");
  const { chat, files } = await arrive("juliet", "Romeo");
  const file = note();
  await files.choose([file]);
  await files.row(file.name).getByText("19 B").waitFor();
  await until("the focus in the field", () => chat.composer.evaluate((field) => field.matches(":focus")));
  assert.deepEqual(files.uploads, [], "nothing is uploaded before it is sent");
  const text = `A rose ${unique(".")}`;
  await chat.send(text);
  await files.isEmpty();
  assert.equal(await chat.composer.inputValue(), "");

  const { url, ...about } = await arrived(file);
  assert.deepEqual(about, { name: file.name, media_type: "text/plain", size_bytes: 19, body: text });
  assert.deepEqual(await download({ url }), file.buffer);
  await there.chat.shows(text);
  await there.chat.message(text).getByRole("link", { name: file.name }).waitFor();
  const stanza = await atHome.find((message) => message.includes(file.name));
  assert.ok(stanza.includes(url) && stanza.includes("<file-sharing"), stanza);
  await atHome.leave();
});

test("a large picture arrives smaller, the right way up, and without where it was taken", async () => {
  const { page, files } = await arrive("juliet", "Romeo");
  // It lies on its side, as cameras write it: 6 is a quarter turn to the right.
  const picture = await photograph(page, 4000, 3000, 6);
  assert.ok(picture.buffer.includes(SECRET));
  await files.choose([picture]);
  await files.row(picture.name).getByText("1536 × 2048").waitFor();
  await files.send.click();
  const file = await arrived(picture);
  assert.deepEqual([file.width, file.height, file.media_type, file.body], [1536, 2048, "image/jpeg", ""]);
  const bytes = await download(file);
  assert.equal(bytes.length, file.size_bytes);
  assert.ok(!bytes.includes(SECRET) && !bytes.includes("Exif"), "what the camera noted is still in it");
  const shown = await look(page, bytes);
  assert.deepEqual(shown, { width: 1536, height: 2048, corners: ["blue", "red", "red+green", "green"] });
});

test("in its original size a picture keeps its pixels, and a small one always does", async () => {
  const { page, files } = await arrive("juliet", "Romeo");
  const [large, small] = [await photograph(page, 4000, 3000, 6), await photograph(page, 320, 240, 3)];
  await files.choose([large, small]);
  await files.row(small.name).getByText("320 × 240").waitFor();
  await files.tray.getByRole("checkbox", { name: /^Original size/ }).check();
  await files.row(large.name).getByText("3000 × 4000").waitFor();
  await files.send.click();
  await files.isEmpty();
  const [message] = await romeo.having("juliet", large.name);
  const corners = [["blue", "red", "red+green", "green"], ["red+green", "blue", "green", "red"]];
  const sizes = [[3000, 4000], [320, 240]];
  for (const [index, picture] of [large, small].entries()) {
    const bytes = await download(message.files[index]);
    assert.ok(!bytes.includes(SECRET), "what the camera noted is still in it");
    assert.deepEqual(bytes, Buffer.concat(cleanJpeg(new Uint8Array(picture.buffer)).parts));
    const [width, height] = sizes[index];
    assert.deepEqual(await look(page, bytes), { width, height, corners: corners[index] });
  }
});

test("files are pasted, and texts that come with a picture of themselves are not", async () => {
  const { chat, files } = await arrive("juliet", "Romeo");
  const file = note();
  assert.equal(await files.hand("paste", [file], { "text/plain": "a", "text/html": "<b>a</b>" }), false);
  assert.equal(await files.hand("paste", [], { "text/plain": "a" }), false);
  assert.equal(await files.hand("paste", [file]), true);
  await files.row(file.name).waitFor();
  assert.equal(await files.tray.getByRole("listitem").count(), 1);
  await chat.composer.press("Enter");
  assert.equal((await arrived(file)).size_bytes, 19);
});

test("files are dropped anywhere on the chat, which shows where", async () => {
  const { chat, files } = await arrive("juliet", "Romeo");
  const file = note();
  assert.equal(await files.hand("dragover", [], { "text/plain": "a" }), false);
  assert.equal(await files.hand("dragenter", [file]), true);
  await until("a zone to drop on", async () => {
    assert.equal(await files.hand("dragover", [file]), true);
    return files.zone.isVisible();
  });
  await files.hand("drop", [file]);
  await files.row(file.name).waitFor();
  assert.equal(await files.zone.isVisible(), false);
  await chat.composer.press("Enter");
  assert.equal((await arrived(file)).size_bytes, 19);
});

test("what is cancelled on its way goes nowhere, and its text comes back", async () => {
  const { page, chat, files } = await arrive("juliet", "Romeo");
  const file = large(3_000_000);
  await files.choose([file]);
  await narrow(page, 100_000);
  const text = `Not this ${unique(".")}`;
  await chat.send(text);
  const told = await until("how far it is", async () => Number(await files.bar(file.name).getAttribute("aria-valuenow")));
  assert.ok(told > 0 && told < 100, String(told));
  const failed = page.waitForEvent("requestfailed", (request) => files.uploads.includes(request));
  await files.button(`Cancel ${file.name}`).click();
  await failed;
  await files.isEmpty();
  assert.equal(await chat.composer.inputValue(), text);
  await narrow(page, 0);
  await chat.composer.fill("");
  const after = unique("but.this");
  await chat.send(after);
  await until("what was sent after it", async () => (await romeo.messages("juliet")).some(({ body }) => body === after));
  const said = (await romeo.messages("juliet")).filter(({ body, files = [] }) => body === text || files[0]?.name === file.name);
  assert.deepEqual(said, []);
});

test("while a file is on its way one goes on writing", async () => {
  const { page, chat, files } = await arrive("juliet", "Romeo");
  const file = large(400_000);
  await files.choose([file]);
  await narrow(page, 100_000);
  await files.send.click();
  await until("how far it is", async () => Number(await files.bar(file.name).getAttribute("aria-valuenow")));
  const [value, least, most] = await files.bar(file.name).evaluate((bar) =>
    ["aria-valuetext", "aria-valuemin", "aria-valuemax"].map((name) => bar.getAttribute(name)),
  );
  assert.ok(/^\d+ %$/.test(value) && least === "0" && most === "100", value);
  await assertAccessible(page, { fromShadowDom: ["spark-chat", "form"] });
  const meanwhile = unique("meanwhile.");
  await chat.send(meanwhile);
  await chat.shows(meanwhile);
  await narrow(page, 0);
  await arrived(file);
  const said = (await romeo.messages("juliet")).map(({ body, files = [] }) => files[0]?.name ?? body);
  assert.ok(said.indexOf(meanwhile) < said.indexOf(file.name), "the file held up what was written after it");
});

test("what is too large is said before a byte is sent, and holds up nothing else", async () => {
  const { chat, files } = await arrive("juliet", "Romeo");
  const [much, little] = [large(12_000_000), note()];
  await files.choose([much, little]);
  await files.row(much.name).getByText("Too large: 12.0 MB. The most is 10.4 MB.").waitFor();
  await chat.composer.press("Enter");
  await arrived(little);
  assert.equal(files.uploads.length, 1);
  assert.equal(await files.send.getAttribute("aria-disabled"), "true");
  await files.button(`Remove ${much.name}`).click();
  await files.isEmpty();
});

test("what fails says why, and is tried again without what has arrived", async () => {
  const { page, chat, files } = await arrive("juliet", "Romeo");
  const [well, badly] = [note(), note()];
  const detail = "The XMPP server's upload service answered 507 to the file.";
  const body = JSON.stringify({ type: "/", title: "Upload failed", status: 502, code: "upload_failed", detail });
  const refuse = (route) => route.fulfill({ status: 502, contentType: "application/problem+json", body });
  await page.route((url) => url.pathname.endsWith("/uploads") && url.searchParams.get("name") === badly.name, refuse, { times: 1 });
  await files.choose([well, badly]);
  const text = unique("twice.");
  await chat.send(text);
  await files.row(badly.name).getByText(detail).waitFor();
  await files.row(well.name).getByText("Uploaded").waitFor();
  await files.button(`Try ${badly.name} again`).click();
  await files.isEmpty();
  const [message, ...others] = await romeo.having("juliet", badly.name);
  assert.deepEqual([message.body, message.files.map(({ name }) => name), others], [text, [well.name, badly.name], []]);
  assert.equal(files.uploads.length, 3);
});

test("a message has so many files, and the others are named", async () => {
  const { chat, files } = await arrive("juliet", "Romeo");
  const many = Array.from({ length: 18 }, () => note());
  assert.equal(await files.hand("paste", many), true);
  await files.tray.getByText("16 files are the most in one message: 2 were left out. Send these first.").waitFor();
  assert.equal(await files.hand("paste", [note()]), true);
  await files.tray.getByText("one was left out").waitFor();
  await files.button("Dismiss").click();
  await files.tray.getByText("one was left out").waitFor({ state: "detached" });
  assert.equal(await files.tray.getByRole("listitem").count(), 16);
  await chat.composer.press("Enter");
  const [message] = await romeo.having("juliet", many[15].name);
  assert.deepEqual(message.files.map(({ name }) => name), many.slice(0, 16).map(({ name }) => name));
  await files.isEmpty();
});

test("a keyboard is enough", async () => {
  const { page, chat, files } = await arrive("juliet", "Romeo");
  const isFocused = (locator) => until("the focus", () => locator.evaluate((node) => node.matches(":focus")));
  const press = (key) => page.keyboard.press(key);
  const file = note();
  const open = async () => {
    await chat.composer.focus();
    await press("Shift+Tab");
    await isFocused(files.attach);
    await press("Enter");
  };
  await files.choose([file], open);
  await isFocused(chat.composer);
  assert.equal(await files.send.getAttribute("aria-disabled"), "false");
  await press("Shift+Tab");
  await press("Shift+Tab");
  await isFocused(files.button(`Remove ${file.name}`));
  await assertAccessible(page, { fromShadowDom: ["spark-chat", "form"] });
  await press("Enter");
  await files.isEmpty();
  await isFocused(chat.composer);
  assert.equal(await files.send.getAttribute("aria-disabled"), "true");

  await files.choose([file], open);
  await isFocused(chat.composer);
  await press("Enter");
  await arrived(file);
});

test("a network that goes away loses no file and doubles none", async () => {
  const proxy = await startProxy(stage.demo.port);
  try {
    const { page, chat, files } = await arrive("juliet", "Romeo", { gateway: proxy.url });
    const [under, later, gone] = [large(3_000_000), note(), note()];
    await files.choose([under]);
    await narrow(page, 300_000);
    await files.send.click();
    await until("how far it is", async () => Number(await files.bar(under.name).getAttribute("aria-valuenow")));
    proxy.cut();
    await files.row(under.name).getByText("Waiting for the connection").waitFor();
    await files.choose([later]);
    await files.choose([gone]);
    await files.button(`Remove ${gone.name}`).click();
    await files.tray.getByText("No connection. Files are sent once it is back.").waitFor();
    await chat.composer.press("Enter");
    await files.row(later.name).getByText("Waiting for the connection").waitFor();
    await narrow(page, 0);
    proxy.restore();
    assert.deepEqual(await download(await arrived(under)), under.buffer);
    await arrived(later);
    await files.isEmpty();
    assert.deepEqual([(await romeo.having("juliet", under.name)).length, (await romeo.having("juliet", later.name)).length], [1, 1]);
  } finally {
    await proxy.stop();
  }
});

test("a page asks before it is left with files that were not sent, and then no more", async () => {
  const { page, chat, files } = await arrive("juliet", "Romeo");
  const [kept, much] = [note(), large(12_000_000)];
  await files.choose([kept, much]);
  const leave = async () => {
    const asked = page.waitForEvent("dialog");
    await page.close({ runBeforeUnload: true });
    const dialog = await asked;
    assert.equal(dialog.type(), "beforeunload");
    await dialog.dismiss();
  };
  await leave();
  await files.button(`Remove ${kept.name}`).click();
  await files.choose([note()]);
  await leave();
  await chat.composer.press("Enter");
  await files.row("note").waitFor({ state: "detached" });
  // Of what can't be sent nothing is lost.
  await files.row(much.name).waitFor();
  const isClosed = page.waitForEvent("close");
  await page.close({ runBeforeUnload: true });
  await isClosed;
});

test("where no file can be sent there is no button for it", async () => {
  const prepare = (page) =>
    page.route("**/sparkweb/api/v1/server", async (route) => {
      const { uploads, ...server } = await (await route.fetch()).json();
      assert.deepEqual(uploads, { max_bytes: 10 * 1024 * 1024 });
      await route.fulfill({ json: server });
    });
  const { chat, files } = await arrive("juliet", "Romeo", { prepare });
  await files.attach.waitFor({ state: "hidden" });
  const file = note();
  await files.hand("drop", [file]);
  await files.row(file.name).getByText("Files can't be sent here").waitFor();
  await chat.composer.press("Enter");
  assert.deepEqual(files.uploads, []);
});
