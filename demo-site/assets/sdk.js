import { connect } from "/sparkweb/sdk/sparkweb-sdk.js";

const value = (id) => document.getElementById(id).value;

function print(what, detail) {
  const line = document.createElement("li");
  line.textContent = `${what} ${JSON.stringify(detail)}`;
  document.getElementById("output").append(line);
}

document.getElementById("run").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const client = await connect();
    await client.signIn(value("username"), value("password"));
    print("roster", await client.roster());
    print("sent", await client.send(value("to"), value("body")));
  } catch (error) {
    print("error", { code: error.code, message: error.message });
  }
});
