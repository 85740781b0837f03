// What forms in JavaScript look like, where the shared sheet has no rules for it. The tokens (`--_name`) are its own.

export const styles = `
h2 {
  font-size: var(--_font-size-title);
  font-weight: 600;
}

h3 {
  font-weight: 600;
}

[tabindex="-1"]:focus-visible {
  outline: none;
}

.lead,
.hint,
.detail {
  color: var(--_text-muted);
  text-wrap: pretty;
}

.hint,
.detail {
  font-size: var(--_font-size-small);
}

.error {
  display: flex;
  align-items: flex-start;
  gap: 6px;
  margin-block-start: 4px;
  color: var(--_danger);
  font-size: var(--_font-size-small);
}

.error .icon {
  inline-size: 16px;
  block-size: 16px;
  margin-block-start: 1px;
}

.buttons {
  display: flex;
  flex-wrap: wrap;
  gap: 8px;
}

.busy {
  inline-size: 16px;
  block-size: 16px;
  border: 2px solid currentColor;
  border-inline-end-color: transparent;
  border-radius: 999px;
  animation: turn 0.8s linear infinite;
}

@keyframes turn {
  to {
    transform: rotate(1turn);
  }
}

form {
  display: grid;
  gap: 16px;
}

.labelled {
  display: grid;
  gap: 4px;
  max-inline-size: 360px;
}

label,
legend {
  font-size: var(--_font-size-small);
  font-weight: 500;
}

.field {
  /* Under 16 px, phones zoom into the page. */
  font-size: max(16px, var(--_font-size));
}

.code {
  font-variant-numeric: tabular-nums;
  letter-spacing: 0.12em;
}

input[type="checkbox"] {
  flex: none;
  inline-size: 18px;
  block-size: 18px;
  accent-color: var(--_accent);
}
`;
