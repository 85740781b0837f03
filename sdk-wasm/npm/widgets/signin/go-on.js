// Where somebody goes on who has signed in by the form, which is no longer there.

/**
 * Whoever is in the form now goes on, once they are signed in, at the contact list or the conversation that is there then. If
 * they are elsewhere by that time they stay there. Nothing is scrolled for it.
 */
export function goOn(host, client) {
  const stop = client.on("status", () => {
    const { state } = client.status;
    if (state === "loading") return;
    stop();
    // By the next frame the elements show what there is.
    if (state === "live") requestAnimationFrame(() => document.activeElement === document.body && next(host)?.focus({ preventScroll: true }));
  });
}

/** The element that had the form, or one beside it. */
function next(host) {
  const beside = ["spark-roster", "spark-chat"].flatMap((tag) => [...host.getRootNode().querySelectorAll(tag)]);
  return [host, ...beside].find(({ gateway, shadowRoot }) => gateway === host.gateway && shadowRoot?.querySelector("[data-focus]"));
}
