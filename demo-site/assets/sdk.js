import { connect } from "/sparkweb/sdk/sparkweb-sdk.js";

const value = (id) => document.getElementById(id).value;

function print(what, detail) {
  const line = document.createElement("li");
  line.textContent = `${what} ${JSON.stringify(detail)}`;
  document.getElementById("output").prepend(line);
}

// One client for each gateway, however often this is called; a sign-in that the browser kept is taken up.
const spark = await connect();

spark.on("status", (status) => print("status", status));
spark.on("contact", (contact) => print("contact", contact));
spark.on("chatState", (state) => print("chat state", state));
spark.on("message", ({ conversation, message }) =>
  print("message", { conversation, direction: message.direction, body: message.body }),
);

document.getElementById("run").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const step = await spark.signIn(value("username"), value("password"));
    if (step.state !== "signed_in") return print("more is asked for", step);
    print("roster", spark.roster().map(({ jid, presence }) => `${jid}: ${presence?.availability}`));

    const conversation = spark.conversation(value("to"));
    await conversation.open();
    print("history", conversation.messages.map(({ message }) => message.body));

    print("sent", conversation.send(value("body")));
  } catch (error) {
    print("error", { code: error.code, message: error.message });
  }
});
