// What is shown of notifications alone. The tokens (`--_name`) are the shared sheet's.

export const styles = `
.heading {
  display: flex;
  align-items: center;
  gap: 12px;
  min-block-size: 28px;
}

.heading h2 {
  flex: 1;
  min-inline-size: 0;
}

.body:empty {
  display: none;
}

/* In the place of a lead. */
.body:has(> .stands) {
  margin-block-start: 2px;
}

/* A switch: its knob says how it stands, and so do place and colour. What is pressed is larger than what is seen. */
.switch {
  position: relative;
  flex: none;
  border-radius: 999px;
}

.switch::after {
  content: "";
  position: absolute;
  inset: -8px -4px;
}

.track {
  display: block;
  inline-size: 44px;
  block-size: 26px;
  padding: 3px;
  border-radius: 999px;
  background: var(--_control);
  transition: background-color var(--_ease);
}

.knob {
  display: block;
  inline-size: 20px;
  block-size: 20px;
  border-radius: 999px;
  background: var(--_surface);
  transition: translate var(--_ease);
}

.switch[aria-checked="true"] .track {
  background: var(--_accent);
}

.switch[aria-checked="true"] .knob {
  translate: 18px;
}

.switch:dir(rtl)[aria-checked="true"] .knob {
  translate: -18px;
}

.switch[aria-disabled="true"] {
  cursor: default;
}

.switch[aria-disabled="true"]:not(.turning) .track {
  opacity: 0.5;
}

.turning .knob {
  animation: turning 0.8s ease-in-out infinite alternate;
}

@keyframes turning {
  to {
    opacity: 0.4;
  }
}

.saved {
  display: inline-flex;
  align-items: center;
  gap: 4px;
  color: var(--_positive);
  font-size: var(--_font-size-small);
  animation: leave 300ms 2s forwards;
}

.saved .icon {
  inline-size: 16px;
  block-size: 16px;
}

@keyframes leave {
  to {
    opacity: 0;
  }
}

.choices {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 200px), 1fr));
  gap: 12px;
}

.choice {
  display: flex;
  flex-direction: column;
  gap: 12px;
  padding: 12px;
  border: 1px solid var(--_line);
  border-radius: var(--_radius-large);
  font-size: var(--_font-size);
  font-weight: 400;
  cursor: pointer;
  transition: border-color var(--_ease), background-color var(--_ease);
}

.choice:hover {
  border-color: var(--_control);
}

.choice:has(:checked) {
  border-color: var(--_accent);
  box-shadow: inset 0 0 0 1px var(--_accent);
}

.choice:has(:focus-visible) {
  outline: 2px solid var(--_focus);
  outline-offset: 2px;
}

.chosen {
  display: flex;
  align-items: flex-start;
  gap: 8px;
}

input[type="radio"] {
  flex: none;
  inline-size: 18px;
  block-size: 18px;
  margin-block: 1.5px;
  accent-color: var(--_accent);
  outline: none;
}

.example {
  display: flex;
  flex: 1;
  align-items: center;
  gap: 10px;
  min-block-size: 56px;
  padding: 8px 12px;
  border-radius: var(--_radius);
  background: var(--_surface-raised);
  font-size: var(--_font-size-small);
}

.sign {
  display: grid;
  place-items: center;
  flex: none;
  inline-size: 28px;
  block-size: 28px;
  border-radius: var(--_radius-small);
  background: var(--_accent);
  color: var(--_text-on-accent);
}

.sign .icon {
  inline-size: 16px;
  block-size: 16px;
}

.example :is(.title, .text) {
  display: block;
}

.example .title {
  font-weight: 600;
}

.times {
  display: flex;
  flex-wrap: wrap;
  gap: 12px 16px;
}

.times .labelled {
  flex: 1 1 112px;
  max-inline-size: 160px;
}

.times .field {
  font-variant-numeric: tabular-nums;
}

/* What can't be kept can't be changed. */
[role="status"]:has(.banner) + .sections :is(.switch, .choice, .times, .button) {
  opacity: 0.5;
  cursor: default;
}

@media (pointer: coarse) {
  .choice {
    padding: 16px 12px;
  }
}

@media (forced-colors: active) {
  .track,
  .example {
    border: 1px solid;
  }

  .knob {
    background: ButtonText;
  }

  .track {
    padding: 2px;
    forced-color-adjust: none;
    background: ButtonFace;
    border-color: ButtonText;
  }

  .switch[aria-checked="true"] .track {
    background: Highlight;
    border-color: Highlight;
  }

  .switch[aria-checked="true"] .knob {
    background: HighlightText;
  }

  .choice:has(:checked) {
    border-color: Highlight;
    outline: 1px solid Highlight;
  }
}
`;
