// What the shared sheet and that of the forms have no rules for. The tokens (`--_name`) are its own.

export const styles = `
:host(spark-security) {
  block-size: auto;
  max-block-size: none;
  overflow: visible;
}

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

.sections {
  max-inline-size: 720px;
  margin-inline: auto;
  padding-inline: 24px;
}

section {
  padding-block: 24px;
}

section + section {
  border-block-start: 1px solid var(--_line);
}

.lead {
  max-inline-size: 60ch;
  margin-block-start: 2px;
}

.body {
  display: grid;
  gap: 12px;
  margin-block-start: 12px;
}

.body > [hidden] {
  display: none;
}

.standing,
.warning {
  display: flex;
  align-items: flex-start;
  gap: 8px;
}

.standing .icon {
  color: var(--_positive);
}

.warning {
  color: var(--_warning);
}

/* What stands at the beginning of a line begins with it. */
.body > .buttons > .quiet:first-child {
  margin-inline-start: -16px;
}

.danger-text,
.button.quiet.danger-text {
  color: var(--_danger);
}

.button.quiet.danger-text:hover {
  background: color-mix(in oklab, transparent, var(--_danger) 10%);
}

.button.danger {
  background: var(--_danger);
  color: var(--_surface);
}

.sheet {
  display: grid;
  gap: 16px;
  padding: 20px;
  border: 1px solid var(--_line);
  border-radius: var(--_radius-large);
  background: var(--_surface-sunken);
}

:is(.sheet, form) > .hint {
  margin-block-start: -12px;
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

.items {
  margin: 0;
  padding: 0;
  list-style: none;
}

.item {
  display: flex;
  align-items: center;
  gap: 12px;
  min-block-size: 60px;
  padding-block: 8px;
}

.item + .item {
  border-block-start: 1px solid var(--_line);
}

.item > .icon {
  color: var(--_text-muted);
}

.item .button {
  margin-inline-end: -16px;
}

/* What can be done with it stands below it where there is no room beside it. */
.acts {
  display: flex;
  flex: none;
}

.what {
  flex: 1;
  min-inline-size: 0;
}

.name {
  overflow-wrap: anywhere;
}

.name:has(.mark) {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 2px 8px;
}

.what .warning {
  margin-block-start: 2px;
  font-size: var(--_font-size-small);
}

.mark {
  padding: 1px 8px;
  border-radius: 999px;
  background: var(--_accent-soft);
  font-size: var(--_font-size-small);
  font-weight: 500;
}

.skeleton {
  gap: 32px;
  padding-block: 24px;
}

.bones {
  display: grid;
  gap: 12px;
}

.bones .bone {
  block-size: 12px;
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

  .sections {
    padding-inline: 16px;
  }

  .sheet {
    padding: 16px;
  }
}

@media (forced-colors: active) {
  .button.danger,
  .mark {
    border: 1px solid;
  }
}
`;
