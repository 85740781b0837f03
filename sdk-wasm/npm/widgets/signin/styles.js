// The sign-in form, and what stands in its place.

export const styles = `
.ways-in {
  display: contents;
}

.signin {
  display: flex;
  flex: 1;
  flex-direction: column;
  justify-content: safe center;
  inline-size: 100%;
  max-inline-size: 360px;
  margin-inline: auto;
  padding: 24px;
  overflow: auto;
}

:is(.signin, .signin *)[hidden] {
  display: none;
}

:is(.signin, .second) h2 {
  font-size: var(--_font-size-display);
  line-height: 1.25;
}

.signin .lead {
  margin-block-start: -12px;
}

:is(.signin, .second) .labelled {
  max-inline-size: none;
}

.signin .password {
  position: relative;
}

.signin .password .field {
  padding-inline-end: 48px;
}

.signin .password .field::-ms-reveal {
  display: none;
}

.signin .password .icon-button {
  position: absolute;
  inset-block-start: 2px;
  inset-inline-end: 4px;
}

.remember {
  display: grid;
  grid-template-columns: auto 1fr;
  gap: 2px 8px;
  align-items: center;
}

.remember label {
  padding-block: 4px;
  font-size: var(--_font-size);
  font-weight: 400;
}

.remember .hint {
  grid-column: 2;
}

:is(.do, .other) .error {
  margin-block: 0 12px;
}

.do .button,
.other .button {
  inline-size: 100%;
}

.other.unknown {
  visibility: hidden;
}

.or {
  display: flex;
  align-items: center;
  gap: 12px;
  margin-block-end: 16px;
  color: var(--_text-muted);
  font-size: var(--_font-size-small);
}

.or::before,
.or::after {
  flex: 1;
  border-block-start: 1px solid var(--_line);
  content: "";
}

.new {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: center;
  gap: 0 4px;
  margin-block-start: 12px;
  color: var(--_text-muted);
}

.outlined {
  border: 1px solid var(--_control);
}

/* The one takes the other's place. */
.outlined:has(.busy) .icon {
  display: none;
}

.outlined:hover {
  background: var(--_surface-raised);
}

.second {
  flex: 1;
  align-content: safe center;
  inline-size: 100%;
  max-inline-size: 360px;
  margin-inline: auto;
  padding: 24px;
  overflow: auto;
}

.second .buttons {
  display: grid;
  gap: 4px;
}

.second .labelled .hint {
  order: -1;
  margin-block: -12px 12px;
}
`;
