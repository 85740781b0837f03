// What is shown of an account's protection alone. The tokens (`--_name`) are the shared sheet's.

export const styles = `
:host([within]) {
  flex: 1;
  align-content: safe center;
  overflow: auto;
}

.first {
  padding-block-start: 24px;
}

.first .button {
  margin-inline-start: -16px;
}

select.field {
  appearance: auto;
}

fieldset {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 220px), 1fr));
  min-inline-size: 0;
  margin: 0;
  padding: 0;
  border: 0;
}

fieldset legend {
  padding: 0;
}

.scope {
  display: flex;
  align-items: center;
  gap: 8px;
  min-block-size: 36px;
  font-size: var(--_font-size);
  font-weight: 400;
}

.scan {
  display: grid;
  gap: 24px;
}

.enter {
  display: grid;
  align-content: start;
  justify-items: start;
  gap: 12px;
  min-inline-size: 0;
}

.enter .labelled {
  inline-size: 100%;
}

.enter a {
  color: var(--_accent);
  text-underline-offset: 2px;
}

/* Dark on light in every theme: so all readers take it. */
.qr {
  display: block;
  inline-size: 200px;
  max-inline-size: 100%;
  margin-block-start: 8px;
  border-radius: var(--_radius);
  forced-color-adjust: none;
}

.secret {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 4px 8px;
  inline-size: 100%;
}

.key {
  flex: 1 1 200px;
  min-inline-size: 0;
  padding: 8px 12px;
  border-radius: var(--_radius-small);
  background: var(--_surface);
  font: 500 var(--_font-size-small) / 1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  overflow-wrap: anywhere;
  user-select: all;
}

.codes {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(150px, 1fr));
  gap: 4px 24px;
  margin: 0;
  padding: 12px;
  border-radius: var(--_radius-small);
  background: var(--_surface);
  font: 500 var(--_font-size) / 1.6 ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  list-style: none;
}

/* What can be done with it stands below it where there is no room beside it. */
.acts {
  display: flex;
  flex: none;
}

@container spark (inline-size > 560px) {
  .scan {
    grid-template-columns: auto minmax(0, 1fr);
  }
}

@container spark (inline-size < 480px) {
  .item:has(.acts) {
    flex-wrap: wrap;
    column-gap: 12px;
    row-gap: 0;
  }

  .item:has(.acts) .what {
    flex-basis: calc(100% - 32px);
  }

  .acts {
    margin-inline-start: 16px;
  }
}
`;
