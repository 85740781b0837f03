// What somebody does about files in a chat, by role and name; and where the files arrive.

import assert from "node:assert/strict";

export const bytesOf = (text) => Buffer.from(text);

export class Files {
  constructor(chat) {
    this.page = chat.page;
    this.chat = chat;
    this.tray = chat.element.getByRole("group", { name: "Files to send" });
    this.attach = chat.element.getByRole("button", { name: "Attach files" });
    this.send = chat.element.getByRole("button", { name: "Send", exact: true });
    this.zone = chat.element.getByText("Drop files to attach them");
    /** The bodies of uploads that were begun. */
    this.uploads = [];
    this.page.on("request", (request) => {
      if (new URL(request.url()).pathname === "/sparkweb/api/v1/uploads") this.uploads.push(request);
    });
  }

  row(name) {
    return this.tray.getByRole("listitem").filter({ hasText: name });
  }

  bar(name) {
    return this.tray.getByRole("progressbar", { name: `Sending ${name}` });
  }

  button(name) {
    return this.tray.getByRole("button", { name, exact: true });
  }

  /** Chooses files as the browser lets one, by whatever opens it. */
  async choose(files, open = () => this.attach.click()) {
    const [chooser] = await Promise.all([this.page.waitForEvent("filechooser"), open()]);
    assert.ok(chooser.isMultiple());
    await chooser.setFiles(files);
    for (const { name } of files) await this.row(name).waitFor();
  }

  /** Resolves when nothing is left to be sent. */
  isEmpty() {
    return this.tray.waitFor({ state: "detached" });
  }

  /** Hands the chat something by an event with data, as pasting and dropping do. True if the chat took it. */
  hand(type, files, texts = {}) {
    const encoded = files.map(({ name, mimeType, buffer }) => [name, mimeType, buffer.toString("base64")]);
    return this.chat.composer.evaluate(
      (field, [type, files, texts]) => {
        const data = new DataTransfer();
        for (const [name, type, base64] of files) {
          data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name, { type }));
        }
        for (const [type, text] of Object.entries(texts)) data.setData(type, text);
        const how = { bubbles: true, composed: true, cancelable: true };
        const event =
          type === "paste"
            ? new ClipboardEvent(type, { ...how, clipboardData: data })
            : new DragEvent(type, { ...how, dataTransfer: data });
        return !field.dispatchEvent(event);
      },
      [type, encoded, texts],
    );
  }
}

/** A file as anybody has it who has its address. */
export async function download({ url }) {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  return Buffer.from(await response.arrayBuffer());
}

/** A JPEG that a browser draws: its corners are red, green, blue and yellow. */
export async function draw(page, width, height) {
  const base64 = await page.evaluate(
    async ([width, height]) => {
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d");
      for (const [at, colour] of ["#f00", "#0f0", "#00f", "#ff0"].entries()) {
        context.fillStyle = colour;
        context.fillRect((at % 2) * (width / 2), Math.floor(at / 2) * (height / 2), width / 2, height / 2);
      }
      const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    },
    [width, height],
  );
  return Buffer.from(base64, "base64");
}

/** How a browser shows a picture: its size, and which colour each of its corners is. */
export function look(page, picture) {
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes]));
    const { width, height } = image;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.drawImage(image, 0, 0);
    const corners = [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]].map(([x, y]) => {
      const [red, green, blue] = context.getImageData(Math.floor(width * x), Math.floor(height * y), 1, 1).data;
      return [red > 128 && "red", green > 128 && "green", blue > 128 && "blue"].filter(Boolean).join("+");
    });
    return { width, height, corners };
  }, picture.toString("base64"));
}

/** Lets so many bytes a second out of a page, and into it; 0 for as many as there are. */
export async function narrow(page, out, into = 0) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.enable");
  const throughput = { uploadThroughput: out || -1, downloadThroughput: into || -1 };
  await devtools.send("Network.emulateNetworkConditions", { offline: false, latency: 0, ...throughput });
}
