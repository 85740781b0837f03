// What the site says of how things are to be: `self.sparkweb`, before or after it imports this. Where this very file is the
// worker, its address says it.

const isAlone = self.location.pathname.endsWith("/spark-worker.js");
const query = new URL(self.location.href).searchParams;
const asked = isAlone ? Object.fromEntries(query) : {};

/** Looked up each time: a site may set it whenever it likes. */
export const settings = () => ({ ...asked, ...self.sparkweb });
