// What parts of an account look like, one below the other, where the shared sheet and that of the forms have no rules for it.
// The tokens (`--_name`) are its own.

export const styles = `
:host {
  block-size: auto;
  max-block-size: none;
  overflow: visible;
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

.what {
  flex: 1;
  min-inline-size: 0;
}

:is(.name, .detail) {
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

@container spark (inline-size < 480px) {
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
