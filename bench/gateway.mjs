// The gateway's API for a script: kept-alive connections, one stream of events. Nothing is retried here: a
// benchmark that hides a failure measures something else.

import { Agent, request } from "node:http";

const ROOT = "/sparkweb/api/v1";

export class Gateway {
  #url;
  #token;
  #agent = new Agent({ keepAlive: true });

  constructor(url, signIn) {
    this.#url = url;
    this.#token = signIn?.access_token;
    this.jid = signIn?.jid;
  }

  static async signIn(url, username, password) {
    const answer = await new Gateway(url).post("/sign-ins", { username, password });
    return new Gateway(url, answer);
  }

  get(path) {
    return this.#ask("GET", path);
  }

  post(path, content) {
    return this.#ask("POST", path, content);
  }

  put(path, content) {
    return this.#ask("PUT", path, content);
  }

  delete(path) {
    return this.#ask("DELETE", path);
  }

  /** An answer as it came: its text, how many bytes that is, and what it says. */
  async weigh(path) {
    const text = await this.#text("GET", path);
    return { text, bytes: Buffer.byteLength(text), content: JSON.parse(text) };
  }

  /** Ends the person's session too, so that it takes no part in what is measured next. */
  async signOut() {
    await this.#ask("DELETE", "/sign-ins/current?everywhere=true");
    this.#agent.destroy();
  }

  /** Waits until the person's session is up: the snapshot is answered when it is. */
  async online() {
    const { account } = await this.#ask("GET", "/snapshot");
    if (account.connection.state !== "online") throw new Error(`the session is ${account.connection.state}`);
  }

  /** Opens the stream; returns once it is ready. */
  listen(onEvent) {
    return new Promise((resolve, reject) => {
      const stream = request(`${this.#url}${ROOT}/events`, { headers: this.#headers() }, (response) => {
        if (response.statusCode !== 200) return reject(new Error(`the stream answered ${response.statusCode}`));
        response.setEncoding("utf8");
        let rest = "";
        response.on("data", (text) => {
          const blocks = (rest + text).split("\n\n");
          rest = blocks.pop();
          for (const block of blocks) {
            const data = block.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5));
            if (data.length === 0) continue;
            const event = JSON.parse(data.join("\n"));
            if (event.type === "ready") resolve({ close: () => stream.destroy() });
            onEvent(event);
          }
        });
      });
      stream.on("error", reject);
      stream.end();
    });
  }

  #headers() {
    const headers = { "Content-Type": "application/json" };
    if (this.#token) headers.Authorization = `Bearer ${this.#token}`;
    return headers;
  }

  async #ask(method, path, content) {
    const text = await this.#text(method, path, content);
    return text ? JSON.parse(text) : undefined;
  }

  #text(method, path, content) {
    return new Promise((resolve, reject) => {
      const options = { method, headers: this.#headers(), agent: this.#agent };
      const asked = request(`${this.#url}${ROOT}${path}`, options, (response) => {
        const parts = [];
        response.on("data", (part) => parts.push(part));
        response.on("end", () => {
          const text = Buffer.concat(parts).toString("utf8");
          if (response.statusCode >= 300) reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
          else resolve(text);
        });
      });
      asked.on("error", reject);
      asked.end(content === undefined ? undefined : JSON.stringify(content));
    });
  }
}
