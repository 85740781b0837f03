// Somebody at the API, past every page.

import { until } from "./elements.mjs";
import { noteSecret } from "./secrets.mjs";
import { somewhere } from "./subscriptions.mjs";

/** Signs somebody in, and asks in their name. */
export async function atApi(demo, username, password = "spark-demo") {
  let authorization;
  const send = async (method, path, type, body) => {
    const headers = { ...(authorization && { authorization }), ...(type && { "content-type": type }) };
    const response = await fetch(`${demo.url}/sparkweb/api/v1${path}`, { method, headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  const ask = (method, path, body) => send(method, path, body && "application/json", body && JSON.stringify(body));
  const { access_token: token } = await ask("POST", "/sign-ins", { username, password });
  noteSecret("access token", token);
  authorization = `Bearer ${token}`;
  const messages = async (other) => (await ask("GET", `/conversations/${other}@spark.localhost/messages?limit=50`)).messages;
  return {
    /** What they are told of while no page is open. */
    settings: () => ask("GET", "/push/settings"),
    set: (settings) => ask("PUT", "/push/settings", settings),
    devices: async () => (await ask("GET", "/push/devices")).devices,
    /** Another device of theirs. */
    add: (name) => ask("POST", "/push/devices", { ...somewhere(), name }),
    /** One that has subscribed so. */
    subscribe: (told) => ask("POST", "/push/devices", told),
    /** Uploads a file. Gives its address. */
    upload: async (name, type, body) => (await send("POST", `/uploads?name=${encodeURIComponent(name)}`, type, body)).url,
    messages,
    /** All messages with a file of this name; resolves once there is one. */
    having: (other, name) =>
      until(`a message with ${name}`, async () => {
        const all = (await messages(other)).filter(({ files = [] }) => files.some((file) => file.name === name));
        return all.length > 0 && all;
      }),
  };
}
