// Styles that not every page has need of.

const sheets = new Map();

/** Has a shadow root take sheets besides those that it has. Calling what this returns takes them away. */
export function adopt(root, ...texts) {
  const added = texts.map((text) => {
    if (!sheets.has(text)) {
      sheets.set(text, new CSSStyleSheet());
      sheets.get(text).replaceSync(text);
    }
    return sheets.get(text);
  });
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, ...added];
  return () => {
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter((sheet) => !added.includes(sheet));
  };
}
