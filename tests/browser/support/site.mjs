// A site of somebody else's, with a service worker of its own that has ours in it.

import { createServer } from "node:http";

const REGISTER = `await navigator.serviceWorker.register("/worker.js");`;

/**
 * Starts it at a port that the gateway was told of (`cors.origins`). `worker` is what its worker's file says before and after
 * the line that has ours in it.
 */
export async function startSite(port, gateway, { settings = "", after = "" } = {}) {
  const elements = `${gateway}/sparkweb/elements/sparkweb-widgets.js`;
  const html = (first) => `<!doctype html><meta charset="utf-8"><title>A site</title><link rel="stylesheet" href="/site.css">
    <spark-signin gateway="${gateway}"></spark-signin>
    <spark-roster gateway="${gateway}"></spark-roster>
    <spark-chat gateway="${gateway}" jid-param="jid"></spark-chat>
    <script type="module">
      import { connect, register } from "${elements}";
      window.opened = [];
      document.addEventListener("spark-open", ({ detail }) => window.opened.push(detail.jid), true);
      ${first}
      await register({ gateway: "${gateway}" });
      window.client = await connect("${gateway}");
      window.push = await client.push();
    </script>`;
  const files = {
    "/": ["text/html", html(REGISTER)],
    "/chat.html": ["text/html", html(REGISTER)],
    // Its worker is registered by the test, once the page is there.
    "/later.html": ["text/html", html("")],
    "/site.css": ["text/css", "spark-chat, spark-roster { height: 30rem }"],
    "/account": ["text/html", "<!doctype html><title>An account</title>", { "cache-control": "private" }],
    "/worker.js": ["text/javascript", `${settings}\nimportScripts("${gateway}/sparkweb/sdk/spark-worker.js");\n${after}`],
  };
  let isAway = false;
  const server = createServer((request, response) => {
    const file = files[new URL(request.url, "http://site").pathname];
    if (isAway) return request.destroy();
    if (!file) return response.writeHead(404).end();
    const [type, body, headers] = file;
    response.writeHead(200, { "content-type": type, "cache-control": "no-cache", ...headers }).end(body);
  });
  await new Promise((resolve) => server.listen(port, "localhost", resolve));
  return {
    url: `http://localhost:${port}`,
    /** It answers nobody any more, or does again. */
    away(is = true) {
      isAway = is;
      if (is) server.closeAllConnections();
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
