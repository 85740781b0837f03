// A network between a browser and the gateway that can be cut.

import net from "node:net";

/**
 * Forwards TCP to `port` on this machine until it is told otherwise.
 *
 * - `cut()` breaks every connection and refuses new ones: the cable is out.
 * - `stall()` lets no byte through and closes nothing: the worse kind, which only silence betrays.
 * - `restore()` ends either.
 */
export async function startProxy(port) {
  const pairs = new Set();
  let mode = "open";

  const server = net.createServer((near) => {
    if (mode === "cut") return near.destroy();
    const far = net.connect(port, "localhost");
    const pair = { near, far };
    pairs.add(pair);
    const end = () => {
      near.destroy();
      far.destroy();
      pairs.delete(pair);
    };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      from.on("error", end).on("close", end);
      from.on("data", (chunk) => {
        if (!to.write(chunk)) from.pause();
      });
      to.on("drain", () => {
        if (mode === "open") from.resume();
      });
    }
    if (mode === "stall") {
      near.pause();
      far.pause();
    }
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));

  return {
    url: `http://localhost:${server.address().port}`,
    cut() {
      mode = "cut";
      for (const { near, far } of pairs) {
        near.resetAndDestroy();
        far.destroy();
      }
    },
    stall() {
      mode = "stall";
      for (const { near, far } of pairs) {
        near.pause();
        far.pause();
      }
    },
    restore() {
      mode = "open";
      for (const { near, far } of pairs) {
        near.resume();
        far.resume();
      }
    },
    async stop() {
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
