// What an element shows may come in a file of its own, when it is met.

/**
 * Shows something in a place once there is what it is for, by a selector: `open` resolves to what ends it. Where it can't be
 * had, the place stays as it is until there is more. Calling what this returns ends either.
 */
export function showWhenMet(place, selector, open) {
  let view;
  const look = () => {
    if (view || !place.querySelector(selector)) return;
    view = open();
    view.then(
      () => met.disconnect(),
      () => (view = undefined),
    );
  };
  const met = new MutationObserver(look);
  met.observe(place, { childList: true, subtree: true });
  look();
  return () => {
    met.disconnect();
    view?.then((end) => end(), () => {});
  };
}

/**
 * Shows something in a place: `open` resolves to what ends it. Where it can't be had there is a button to try again.
 * Calling what this returns ends either.
 */
export function showLater(place, open) {
  let view;
  const begin = () => (view = open().catch(fail));
  const fail = () => {
    const button = document.createElement("button");
    button.className = "button quiet";
    button.textContent = "This couldn't be loaded. Try again";
    button.onclick = () => {
      button.remove();
      begin();
    };
    place.append(button);
    return () => button.remove();
  };
  begin();
  return () => view.then((end) => end());
}
