// A client that shares nothing with the SDK: openapi-typescript made its types, in `api.d.ts`, of the document that the
// gateway serves, and openapi-fetch sends its requests.
//
// It signs in, sends, turns the pages of a history, and fails once, as a person's own client would; what it saw is one
// line of JSON on standard output. What the document doesn't say does not compile.

import createClient from "openapi-fetch";

import type { components, paths } from "./api.js";

type Schemas = components["schemas"];
type Messages = { history: Schemas["Message"][]; pages: number };

declare const process: { argv: string[] };

const [, , gateway, username, password, contact] = process.argv;
const api = createClient<paths>({ baseUrl: gateway });

/** What was asked for, or the problem as an error that says what it is. */
function given<Data>(answer: { data?: Data; error?: Schemas["Problem"] }): Data {
  if (answer.error) throw new Error(`${answer.error.code}: ${answer.error.detail}`);
  return answer.data as Data;
}

async function signIn(): Promise<Schemas["BareJid"]> {
  const signedIn = given(await api.POST("/sparkweb/api/v1/sign-ins", { body: { username, password } }));
  // Of whoever has set up more than a password, more is asked for.
  if (!("access_token" in signedIn)) throw new Error(`a proof is asked for: ${signedIn.accepts.join()}`);
  api.use({
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${signedIn.access_token}`);
      return request;
    },
  });
  return signedIn.jid;
}

async function send(id: Schemas["MessageId"], body: string): Promise<Schemas["Delivery"]["state"]> {
  const sent = await api.POST("/sparkweb/api/v1/conversations/{jid}/messages", {
    params: { path: { jid: contact } },
    body: { id, body },
  });
  return given(sent).delivery.state;
}

/** The whole history, page by page from its end. */
async function history(limit: number): Promise<Messages> {
  const read: Messages = { history: [], pages: 0 };
  let before: Schemas["ArchiveId"] | undefined;
  do {
    const page = await api.GET("/sparkweb/api/v1/conversations/{jid}/messages", {
      params: { path: { jid: contact }, query: { limit, before } },
    });
    const { messages, before: further } = given(page);
    read.history.unshift(...messages);
    read.pages += 1;
    before = further;
  } while (before);
  return read;
}

/** What a message without a text is answered with. The types know that there is a problem, and its words. */
async function failure(): Promise<{ status: number; code: Schemas["ErrorCode"] }> {
  const { error } = await api.POST("/sparkweb/api/v1/conversations/{jid}/messages", {
    params: { path: { jid: contact } },
    body: { body: "" },
  });
  const expected: Schemas["ErrorCode"] = "empty_message";
  if (error?.code !== expected) throw new Error(`${expected} was expected, and this came: ${JSON.stringify(error)}`);
  return { status: error.status, code: error.code };
}

const jid = await signIn();
const deliveries = [];
for (const [place, body] of ["O Romeo", "Romeo", "Wherefore art thou Romeo?"].entries()) {
  deliveries.push(await send(`m${place}`, body));
}
const read = await history(2);
const said = read.history.map(({ id, body, direction }) => `${direction} ${id}: ${body}`);
console.log(JSON.stringify({ jid, deliveries, pages: read.pages, said, failure: await failure() }));
