// <spark-security>, as far as every page loads it: the tag. What it shows comes when one is met, by itself, so that it
// costs those nothing who have none.

/** `connect` gives the client of a gateway; `adoptStyles` gives a shadow root the elements' style. */
export function defineSecurity(connect, adoptStyles) {
  if (customElements.get("spark-security")) return;

  async function open(host) {
    const { mount } = await import("./spark-security.js");
    return mount(host, host.shadowRoot, await connect(host.getAttribute("gateway") ?? ""));
  }

  class SparkSecurity extends HTMLElement {
    static observedAttributes = ["gateway"];
    #view;

    constructor() {
      super();
      adoptStyles(this.attachShadow({ mode: "open" }));
    }

    connectedCallback() {
      queueMicrotask(() => this.#settle());
    }

    disconnectedCallback() {
      this.connectedCallback();
    }

    attributeChangedCallback() {
      if (this.#view) this.#close();
      this.connectedCallback();
    }

    // A move within the page disconnects and connects at once: by the time this runs, nothing has happened.
    #settle() {
      if (this.isConnected === Boolean(this.#view)) return;
      if (this.isConnected) this.#view = open(this).catch(() => this.#fail());
      else this.#close();
    }

    #close() {
      const view = this.#view;
      this.#view = undefined;
      view.then((close) => close());
    }

    #fail() {
      const button = document.createElement("button");
      button.className = "button quiet";
      button.textContent = "This couldn't be loaded. Try again";
      button.onclick = () => {
        this.#close();
        this.#settle();
      };
      this.shadowRoot.replaceChildren(button);
      return () => button.remove();
    }
  }

  customElements.define("spark-security", SparkSecurity);
}
