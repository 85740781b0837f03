// <spark-security>, as far as every page loads it: the tag. What it shows comes when one is met, by itself, so that it
// costs those nothing who have none.
import { showLater } from "./later.js";

/** `connect` gives the client of a gateway; `adoptStyles` gives a shadow root the elements' style. */
export function defineSecurity(connect, adoptStyles) {
  if (customElements.get("spark-security")) return;

  async function open(host) {
    const { mount } = await import("./spark-security.js");
    return mount(host, host.shadowRoot, await connect(host.getAttribute("gateway") ?? ""));
  }

  class SparkSecurity extends HTMLElement {
    static observedAttributes = ["gateway"];
    #end;

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
      if (this.#end) this.#close();
      this.connectedCallback();
    }

    // A move within the page disconnects and connects at once: by the time this runs, nothing has happened.
    #settle() {
      if (this.isConnected === Boolean(this.#end)) return;
      if (this.isConnected) this.#end = showLater(this.shadowRoot, () => open(this));
      else this.#close();
    }

    #close() {
      this.#end();
      this.#end = undefined;
    }
  }

  customElements.define("spark-security", SparkSecurity);
}
