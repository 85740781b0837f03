// What notifications of this site look like, and which page a click on one opens.
self.sparkweb = {
  icon: "/site/icon-192.png",
  badge: "/site/badge-96.png",
  open: "/chat.html?jid={jid}",
};
importScripts("/sparkweb/sdk/spark-worker.js");
