// A file on its way: in its turn, and on again after the connection was away.

/** Of one page; the gateway lets a person have more, for all that they have open. */
const AT_ONCE = 2;
/** How often a file is tried while the connection seems well. */
const TRIES = 4;
/** What passes by itself. */
const TEMPORARY = [
  "network",
  "session_offline",
  "xmpp_unreachable",
  "xmpp_timeout",
  "too_many_requests",
  "token_expired",
  "overloaded",
];

let free = AT_ONCE;
const line = [];

/** Does something when it is its turn. */
export async function inTurn(act) {
  if (free > 0) free -= 1;
  else await new Promise((resolve) => line.push(resolve));
  try {
    return await act();
  } finally {
    if (line.length > 0) line.shift()();
    else free += 1;
  }
}

/** Whether the gateway is there, and the chat server behind it. */
export function isUp(client) {
  return client.status.state === "live" && client.account?.connection.state === "online";
}

/** Resolves when the connection is another, or after a time; rejects when `signal` says so. */
function change(client, signal, afterMs) {
  return new Promise((resolve, reject) => {
    const end = () => {
      for (const stop of stops) stop();
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const stops = [client.on("status", end), client.on("account", end)];
    const timer = afterMs && setTimeout(end, afterMs);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}

/** Sends until it is sent. `tell` is told `sending` and `paused`, by turns. */
export async function persist(client, signal, tell, send) {
  for (let tries = 1; ; tries += 1) {
    while (!isUp(client)) {
      tries = 1;
      tell("paused");
      await change(client, signal);
    }
    tell("sending");
    try {
      return await send();
    } catch (error) {
      signal.throwIfAborted();
      if (!TEMPORARY.includes(error.code) || tries >= TRIES) throw error;
      // Others of the person's are on their way: that is no failure.
      if (error.code === "overloaded") tries -= 1;
      tell("paused");
      await change(client, signal, 1000 * (error.retryAfterSecs ?? 2 ** tries));
    }
  }
}
