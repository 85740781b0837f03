// A gateway that lives in the page: it answers `fetch` from a scene, so that every state can be looked at.

const ROOT = "/sparkweb/api/v1";
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const now = Date.now();
const me = "juliet@capulet.example";

const people = {
  nobody: [],
  one: [contact("romeo@montague.example", "Romeo", [], "available", "Under the balcony")],
  lively: [
    contact("romeo@montague.example", "Romeo Montague", ["Friends"], "available", "Under the balcony"),
    contact("nurse@capulet.example", "Nurse", ["Family"], "available"),
    contact("mercutio@verona.example", "Mercutio", ["Friends"], "do_not_disturb", "A plague o’ both your houses"),
    contact("benvolio@montague.example", "Benvolio", ["Friends"], "away", "Back at nine"),
    contact("tybalt@capulet.example", "Tybalt", ["Family"], "offline"),
    contact("friar@abbey.example", "Friar Laurence", [], "extended_away", "In the garden"),
    contact("paris@verona.example", "Count Paris of the very long and noble house of Verona", [], "offline"),
    contact("rosaline@capulet.example", "رزالين", ["Friends"], "available", "غدا"),
    contact("balthasar@montague.example", null, [], "available"),
  ],
  crowd: Array.from({ length: 200 }, (_, n) =>
    contact(
      `person${n}@house${n % 7}.example`,
      `${["Ermengarde", "Bartholomew", "Cassiopeia", "Ignatius", "Wilhelmina"][n % 5]} ${["van der", "of", "de la", "von und zu"][n % 4]} ${["Hohenstaufen-Wittelsbach", "Verona", "Montepulciano", "Northumberland"][n % 4]} ${n}`,
      n % 3 ? [["Work", "Choir", "Neighbours of the old quarter by the river"][n % 3]] : [],
      ["available", "away", "offline", "do_not_disturb", "offline"][n % 5],
      n % 4 ? undefined : "Out for a walk, then the market, then home again before the rain",
    )),
  thousands: Array.from({ length: 10_000 }, (_, n) =>
    contact(`n${n}@many.example`, `Person ${n}`, [`Group ${n % 12}`], ["available", "offline", "away"][n % 3])),
};

function contact(jid, name, groups, availability, status) {
  return { jid, ...(name ? { name } : {}), groups, subscription: "both", pending: false, presence: { availability, ...(status ? { status } : {}), ...(availability === "offline" ? { since_ms: now - 3 * 60 * MINUTE } : {}) } };
}

let counter = 0;
function message(who, body, at_ms, rest = {}) {
  const own = who === me;
  counter += 1;
  return {
    id: `m${counter}`, archive_id: `a${String(counter).padStart(6, "0")}`,
    from: `${who}/x`, to: own ? "romeo@montague.example" : me,
    direction: own ? "outgoing" : "incoming", kind: "chat", body, sent_at_ms: Math.round(at_ms),
    ...(own ? { delivery: { state: "displayed" } } : {}), ...rest,
  };
}

function conversation() {
  const r = "romeo@montague.example";
  const list = [];
  for (let n = 0; n < 90; n += 1) {
    list.push(message(n % 3 ? r : me, `An older message, number ${n}. ${"She speaks: O, speak again, bright angel! ".repeat(n % 4)}`, now - 9 * DAY + n * 9 * MINUTE));
  }
  list.push(
    message(r, "But, soft! what light through yonder window breaks?", now - 1.1 * DAY),
    message(r, "It is the east, and Juliet is the sun.\nArise, fair sun, and kill the envious moon,\nWho is already sick and pale with grief,\nThat thou her maid art far more fair than she.", now - 1.1 * DAY + MINUTE),
    message(me, "Ay me!", now - 1.1 * DAY + 3 * MINUTE),
    message(r, "❤️", now - 1.1 * DAY + 4 * MINUTE),
    message(me, "O Romeo, Romeo! wherefore art thou Romeo? Deny thy father and refuse thy name; or, if thou wilt not, be but sworn my love, and I’ll no longer be a Capulet.", now - 1.1 * DAY + 12 * MINUTE),
    message(r, "Shall I hear more, or shall I speak at this? https://en.wikipedia.org/wiki/Romeo_and_Juliet#Act_II (see there).", now - 1.1 * DAY + 14 * MINUTE),
    message(r, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" + "x".repeat(120), now - 50 * MINUTE),
    message(r, "<script>alert('no')</script> & \"quotes\" \\ backslash", now - 49 * MINUTE),
    message(r, "مرحبا، كيف حالك اليوم؟", now - 48 * MINUTE),
    message(me, "Read", now - 30 * MINUTE),
    message(me, "Delivered to a device", now - 29.5 * MINUTE, { delivery: { state: "delivered" } }),
    message(me, "Sent to the server, and long enough that it has to break over more than one line in a narrow element", now - 29 * MINUTE, { delivery: { state: "sent" } }),
    message(me, "On its way", now - 28.5 * MINUTE, { delivery: { state: "pending" } }),
    message(me, "This one came back", now - 28 * MINUTE, { delivery: { state: "failed", reason: "not_found" } }),
    message(r, "It is my lady; *O, it is my _love_!*\n> She speaks, yet she says ~nothing~\nand `what` of that?\n```\nlet her = eye.discourses();\n```", now - 12 * MINUTE, { edited_at_ms: now - 11.5 * MINUTE, reactions: [{ emoji: "❤️", from: [me, r] }, { emoji: "🌞", from: [r] }] }),
    message(me, "I will answer it.", now - 11 * MINUTE, { reply_to: { id: "answered" } }),
    message(r, "", now - 10.5 * MINUTE, { id: "answered", files: [{ url: "https://files.example/sun.png", name: "the sun in the east.png", size_bytes: 3032449 }] }),
    message(r, "", now - 10 * MINUTE, { retraction: { at_ms: now } }),
    message(r, "🌹🌹", now - 8 * MINUTE),
    message(r, "What’s in a name? That which we call a rose by any other name would smell as sweet.", now - 7 * MINUTE),
    message(r, "Till tomorrow?", now - 6 * MINUTE),
  );
  return list;
}

/** Files of every kind, and links. */
function media() {
  const r = "romeo@montague.example";
  const file = (name, media_type, rest = {}) => ({ files: [{ url: `https://files.example/0f3a/${encodeURIComponent(name)}`, name, media_type, ...rest }] });
  let at = now - 40 * MINUTE;
  const says = (who, body, rest) => message(who, body, (at += 1.5 * MINUTE), rest);
  return [
    says(r, "", file("sunrise.png", "image/png", { size_bytes: 482130, width: 1280, height: 853, description: "The sun in the east" })),
    says(r, "And from the road:", file("road.png", "image/png", { size_bytes: 982130, width: 600, height: 1100 })),
    says(me, "", file("balcony.png", "image/png", { size_bytes: 182130, width: 800, height: 600 })),
    says(me, "Small one", file("dot.png", "image/png", { width: 24, height: 24 })),
    says(r, "", file("a very large picture of the whole of Verona from the air.png", "image/png", { size_bytes: 24182130, width: 9000, height: 6000 })),
    says(r, "", file("lark.ogg", "audio/ogg", { size_bytes: 182130 })),
    says(me, "", file("an answer that is called by a name which is much too long to be on one line.mp3", "audio/mpeg", { size_bytes: 1982130 })),
    says(r, "", file("dance.webm", "video/webm", { size_bytes: 8182130, width: 640, height: 360 })),
    says(r, "The plan", file("plan of the garden.pdf", "application/pdf", { size_bytes: 88130 })),
    says(r, "", file("gone.png", "image/png", { size_bytes: 1000, width: 400, height: 300 })),
    says(r, "", file("evil.png", "image/png", { size_bytes: 1000 })),
    says(r, "Did you read https://news.example/feud ? It is all over town.", { reactions: [{ emoji: "😱", from: [me] }] }),
    says(me, "https://long.example/page"),
    says(r, "https://nothing.example/"),
  ];
}

async function picture(name, type = "image/png") {
  const [width, height] = /road/.test(name) ? [600, 1100] : /dot/.test(name) ? [24, 24] : [1280, 853];
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  const sky = context.createLinearGradient(0, 0, 0, height);
  const [high, low] = /balcony/.test(name) ? ["#20304f", "#8a6f9a"] : ["#3a5a9a", "#f0c890"];
  sky.addColorStop(0, high);
  sky.addColorStop(1, low);
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  context.fillStyle = "#ffe3a0";
  context.beginPath();
  context.arc(width * 0.68, height * 0.55, Math.min(width, height) / 7, 0, 7);
  context.fill();
  context.fillStyle = "#2d3a30";
  context.beginPath();
  context.moveTo(0, height);
  for (let x = 0; x <= width; x += 4) context.lineTo(x, height * 0.78 + Math.sin(x / (width / 9)) * height * 0.05);
  context.lineTo(width, height);
  context.fill();
  return canvas.convertToBlob({ type });
}

/** So many passkeys, of every kind. */
function keys(count) {
  const names = ["Chrome on Linux", "My telephone, which I have had for many years and would not give away", "Blue key", "Firefox on Windows"];
  return Array.from({ length: count }, (_, n) => ({
    id: `k${n}`, name: names[n % names.length], made_at_ms: now - (n + 40) * DAY, ...(n % 3 ? { used_at_ms: now - n * 90 * MINUTE } : {}),
    is_backed_up: n % 2 === 1, ...(n === 2 ? { is_blocked: true } : {}), transports: ["internal"],
  }));
}

/** Takes `fetch` over for the gateway's paths. */
export function serve({ scene, connection = { state: "online" }, signedIn = true, typing = false, fail = null, slow = false, unread = 2, passkeys }) {
  const contacts = structuredClone(people[scene] ?? people.lively).sort((a, b) => (a.jid < b.jid ? -1 : 1));
  const history = scene === "nobody" || scene === "one" ? [] : scene === "media" ? media() : conversation();
  const account = { jid: me, name: "Juliet Capulet", session_jid: `${me}/spark`, presence: { availability: "available", status: "On the balcony" }, connection };
  const streams = new Set();
  let offset = 1;
  const position = () => `1-${offset}`;
  const key = `sparkweb:${location.origin}:sign-in`;
  const signIn = { id: "s1", jid: me, access_token: "t", expires_in_secs: 900, refresh_token: "r" };
  if (signedIn) localStorage.setItem(key, JSON.stringify({ sign_in: signIn, expires_at_ms: now + 9e8 }));
  else localStorage.removeItem(key);

  const log = [];
  function publish(event) {
    offset += 1;
    const text = `id: ${position()}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
    log.push([offset, text]);
    for (const stream of streams) stream.enqueue(new TextEncoder().encode(text));
  }

  function conversations() {
    if (!history.length) return [];
    const list = [{ jid: "romeo@montague.example", unread, last_message: history.at(-1), ...(typing ? { chat_state: "composing" } : {}) }];
    if (scene === "crowd") {
      for (let n = 0; n < 6; n += 1) list.push({ jid: contacts[n * 9].jid, unread: [0, 1, 120, 0, 3, 0][n], last_message: message(contacts[n * 9].jid, "Did you hear what happened at the market this morning? Nobody could believe it.", now - n * 0.9 * DAY) });
    } else if (contacts.length > 3) {
      list.push({ jid: "nurse@capulet.example", unread: 0, last_message: message("nurse@capulet.example", "Madam! Your lady mother is coming to your chamber.", now - 2 * 60 * MINUTE) });
      list.push({ jid: "mercutio@verona.example", unread: 0, last_message: message(me, "Good pilgrim, you do wrong your hand too much", now - 1.4 * DAY) });
      list.push({ jid: "friar@abbey.example", unread: 0, last_message: message("friar@abbey.example", "Wisely and slow; they stumble that run fast.", now - 4 * DAY) });
      list.push({ jid: "apothecary@mantua.example", unread: 1, last_message: message("apothecary@mantua.example", "Such mortal drugs I have", now - 26 * DAY) });
    }
    return list;
  }

  const json = (body, status = 200) => new Response(JSON.stringify(body), { status, headers: { "content-type": status < 400 ? "application/json" : "application/problem+json" } });
  const problem = (status, code, detail, rest = {}) => json({ type: `/sparkweb/problems/${code}`, title: code, status, detail, code, ...rest }, status);

  async function answer(method, path, query, body, signal, after) {
    if (fail === "network" && path !== "/sign-ins") throw new TypeError("Failed to fetch");
    if (slow) await new Promise(() => {});
    if (path === "/sign-ins" && method === "POST") {
      if (!body.password) {
        if (passkeys === undefined) return problem(501, "unsupported", "There are no passkeys.");
        return json({ id: "p1", pending_token: "t", accepts: ["passkey"], expires_in_secs: 300, passkey: { public_key: { challenge: "AAAA", timeout: 300_000, rpId: location.hostname, allowCredentials: [], userVerification: "required" }, expires_in_secs: 300 } }, 202);
      }
      await new Promise((done) => setTimeout(done, 400));
      if (fail === "second") return json({ id: "p2", pending_token: "t", accepts: ["passkey", "totp", "recovery_code"], expires_in_secs: 300 }, 202);
      if (fail === "server") return problem(503, "xmpp_unreachable", "The chat server can't be reached.", { retry_after_secs: 8 });
      if (body.password !== "spark-demo") return problem(401, "wrong_credentials", "Name or password are wrong.");
      return json(signIn, 201);
    }
    if (path === "/factors") return json({ passkeys: keys(passkeys ?? 0), can_have_passkeys: passkeys !== undefined, can_set_up: true, fresh_until_ms: Date.now(), accepts: ["passkey", "password"] });
    if (path === "/sign-ins") return json({ sign_ins: [{ id: "s1", kind: "sign_in", name: navigator.userAgent, address: "192.0.2.7", scopes: ["read", "send"], began_at_ms: now - DAY, seen_at_ms: now, is_current: true }] });
    if (path === "/factors/passkeys/options") return problem(403, "fresh_proof_needed", "Show once more who you are.");
    if (path.startsWith("/sign-ins/")) return new Response(null, { status: 204 });
    if (path === "/tokens") return json(signIn);
    if (path === "/snapshot") return json({ position: position(), account, contacts, conversations: conversations() });
    if (path === "/events") {
      const stream = new ReadableStream({
        start(controller) {
          streams.add(controller);
          controller.enqueue(new TextEncoder().encode(`event: ready\ndata: ${JSON.stringify({ type: "ready", recovered: true, position: position() })}\n\n`));
          for (const [at, text] of log) if (at > after) controller.enqueue(new TextEncoder().encode(text));
          signal?.addEventListener("abort", () => { streams.delete(controller); controller.error(new DOMException("aborted", "AbortError")); });
        },
      });
      return new Response(stream, { headers: { "content-type": "text/event-stream" } });
    }
    if (path === "/files") {
      const url = query.get("url");
      if (/gone/.test(url)) return problem(404, "not_found", "There is no file at this address.");
      if (/evil/.test(url)) return new Response("<!doctype html>", { headers: { "content-type": "application/octet-stream" } });
      return new Response(await picture(url), { headers: { "content-type": "image/png" } });
    }
    if (path === "/file-tickets") return json({ ticket: "t", expires_in_secs: 900 });
    if (path === "/previews") {
      const url = query.get("url");
      if (/nothing/.test(url)) return problem(404, "not_found", "There is nothing to show of this address.");
      if (/long/.test(url)) return json({ url, has_picture: false, title: "A title that goes on for so long that nobody could put it on one line, nor on two of them in a chat", description: "And a description that is longer still. It says all that there is to be said of a page, and then goes on to say it once more in other words, as descriptions do." });
      return json({ url, has_picture: true, title: "Feud in Verona", description: "Two households, both alike in dignity, in fair Verona, where we lay our scene.", site: "The Verona Daily" });
    }
    if (path === "/previews/picture") return new Response(await picture("news"), { headers: { "content-type": "image/png" } });
    if (path === "/server") return json({ domain: "capulet.example", complete: true, features: [], services: [], uploads: { max_bytes: 10_485_760 } });
    if (path === "/presence") {
      account.presence = body;
      publish({ type: "own_presence_changed", presence: body });
      return new Response(null, { status: 204 });
    }
    const [, encoded, what] = /^\/conversations\/([^/]+)\/(\S+)$/.exec(path) ?? [];
    const jid = decodeURIComponent(encoded ?? "");
    const all = jid === "romeo@montague.example" ? history : [];
    if (what === "messages" && method === "GET") {
      if (fail === "history") return problem(504, "xmpp_timeout", "The chat server does not answer. Try again.");
      await new Promise((done) => setTimeout(done, 30));
      const before = query.get("before");
      const end = before ? all.findIndex((m) => m.archive_id === before) : all.length;
      const from = Math.max(0, end - Number(query.get("limit") ?? 50));
      return json({ messages: all.slice(from, end), ...(from > 0 ? { before: all[from].archive_id } : {}) });
    }
    if (what === "messages") {
      const sent = message(me, body.body, Date.now(), { id: body.id, delivery: { state: "sent" } });
      all.push(sent);
      setTimeout(() => publish({ type: "message_added", conversation: jid, message: sent }), 50);
      setTimeout(() => publish({ type: "delivery_changed", conversation: jid, id: sent.id, delivery: { state: "delivered" } }), 800);
      return json({ id: body.id, conversation: jid, delivery: { state: "sent" } }, 201);
    }
    if (what === "read") {
      publish({ type: "conversation_changed", conversation: { jid, unread: 0, last_message: all.at(-1) } });
    }
    if (what) return new Response(null, { status: 204 });
    return problem(404, "not_found", "There is no such thing.");
  }

  const real = window.fetch;
  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (!url.pathname.startsWith(ROOT)) return real(input, init);
    (window.asked ??= []).push(`${request.method} ${url.pathname.slice(ROOT.length)}`);
    const body = ["POST", "PUT"].includes(request.method) ? JSON.parse((await request.text()) || "null") : null;
    return answer(request.method, url.pathname.slice(ROOT.length), url.searchParams, body, request.signal, Number((request.headers.get("last-event-id") ?? "1-0").split("-")[1]));
  };
  window.gallery = {
    publish,
    receive(body) {
      const sent = message("romeo@montague.example", body, Date.now());
      history.push(sent);
      publish({ type: "message_added", conversation: "romeo@montague.example", message: sent });
      publish({ type: "conversation_changed", conversation: { jid: "romeo@montague.example", unread: 1, last_message: sent } });
    },
    type(state) { publish({ type: "chat_state_changed", jid: "romeo@montague.example", ...(state ? { state } : {}) }); },
    drop() { fail = "network"; for (const stream of streams) stream.error(new TypeError("network error")); streams.clear(); },
  };
}
