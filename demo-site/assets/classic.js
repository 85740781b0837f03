// The essence of a page for the Openfire plugin: sign in, listen, sign out when the page goes.
let token;
let source;

const find = (id) => document.getElementById(id);
const url = () => find("url").value.replace(/\/$/, "");
const status = (text) => (find("status").textContent = text);

find("url").value = location.origin;

find("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const username = encodeURIComponent(find("username").value);
  const response = await fetch(`${url()}/sparkweb/api/rest/login/${username}`, {
    method: "POST",
    body: find("password").value,
  });
  const answer = await response.json();
  if (!answer.token) return status(answer.detail ?? "That did not work.");

  source?.close();
  token = answer.token;
  find("token").textContent = token;

  source = new EventSource(`${url()}/sparkweb/sse?token=${token}`);
  source.onerror = () => status("The stream broke; the browser opens it again by itself.");
  source.addEventListener("onConnect", (event) => {
    const { username, name } = JSON.parse(event.data);
    status(`User ${username} (${name}) signed in`);
    log(event);
  });
  source.addEventListener("chatapi.chat", (event) => {
    const { type, from, body } = JSON.parse(event.data);
    if (body) status(type === "headline" ? `System message: ${body}` : `${type} ${from}: ${body}`);
    log(event);
  });
});

function log(event) {
  const line = document.createElement("li");
  line.textContent = `${event.type} ${event.data}`;
  find("events").prepend(line);
}

window.addEventListener("pagehide", () => {
  if (!token) return;
  fetch(`${url()}/sparkweb/api/rest/logout`, { method: "POST", headers: { Authorization: token }, keepalive: true });
});
