// One scene of the gallery, chosen by the query: scene, show, theme, dir, density, connection, signedin, typing, fail, push.
import { serve } from "./gateway.js";
import { pushFor } from "./push.js";
import { SparkClient, register } from "/sparkweb/elements/sparkweb-widgets.js";

const query = new URLSearchParams(location.search);
const get = (name, otherwise) => query.get(name) ?? otherwise;

document.documentElement.className = get("theme", "");
document.documentElement.dir = get("dir", "ltr");
serve({
  scene: get("scene", "lively"),
  connection: get("connection") ? { state: "suspended", reason: get("connection") } : { state: "online" },
  signedIn: get("signedin", "yes") === "yes",
  typing: query.has("typing"),
  fail: get("fail", null),
  slow: query.has("slow"),
  unread: Number(get("unread", 2)),
  passkeys: query.has("passkeys") ? Number(get("passkeys", 0)) : undefined,
});
for (const tag of get("show", "roster,chat").split(",")) {
  const element = document.createElement(`spark-${tag}`);
  if (get("density")) element.setAttribute("density", get("density"));
  if (tag === "chat") element.setAttribute("jid-param", "jid");
  document.body.append(element);
}
document.body.className = document.body.children.length > 1 ? "both" : "";
const events = (window.events = []);
for (const name of ["open", "signed-in", "signed-out", "unread", "message", "error"]) {
  document.addEventListener(`spark-${name}`, (event) => events.push([event.type, event.target.localName, event.detail]));
}
SparkClient.prototype.push = pushFor(get("push", "off"));
await register();
