// Makes the page handier: what it says is all there without it.
const gateway = document.getElementById("gateway");
gateway.textContent = location.origin;

// The whole line goes to the clipboard. Where that can't be had (a page without TLS), there is no button.
if (navigator.clipboard) {
  const said = document.createElement("p");
  said.className = "said";
  said.setAttribute("role", "status");
  document.body.append(said);
  for (const code of document.querySelectorAll("pre > code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        said.textContent = "Copied";
      } catch {
        said.textContent = "Not copied: select the text instead";
      }
      button.textContent = said.textContent.split(":")[0];
      setTimeout(() => {
        button.textContent = "Copy";
        said.textContent = "";
      }, 2000);
    });
    code.after(button);
  }
}

// On a narrow screen the contents lie above the text: they fold away once they have led somewhere.
const contents = document.querySelector(".contents");
contents.addEventListener("click", (event) => {
  if (event.target.closest("a") && !matchMedia("(min-width: 60rem)").matches) contents.open = false;
});
