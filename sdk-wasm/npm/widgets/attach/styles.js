// What files on their way look like. The tokens (`--_name`) are the shared sheet's.

export const styles = `
.tray {
  flex: 1 0 100%;
  min-inline-size: 0;
}

.attached {
  display: grid;
  gap: 8px;
}

.attached .files {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 240px), 1fr));
  /* Else those that say more are squeezed once there is more than fits. */
  grid-auto-rows: max-content;
  gap: 8px;
  max-block-size: 208px;
  margin: 0;
  padding: 2px;
  overflow: hidden auto;
  overscroll-behavior: contain;
  scrollbar-width: thin;
  list-style: none;
}

.attached .files li {
  display: flex;
  align-items: center;
  gap: 12px;
  min-inline-size: 0;
  min-block-size: 56px;
  padding-block: 6px;
  padding-inline: 6px 4px;
  border: 1px solid var(--_line);
  border-radius: var(--_radius);
  background: var(--_surface);
}

.attached .files [data-state="refused"],
.attached .files [data-state="failed"] {
  border-color: color-mix(in oklab, var(--_danger), transparent 40%);
}

.attached .thumb {
  display: grid;
  place-items: center;
  flex: none;
  inline-size: 44px;
  block-size: 44px;
  border-radius: var(--_radius-small);
  background: var(--_surface-raised);
  color: var(--_text-muted);
  overflow: hidden;
}

.attached .thumb img {
  inline-size: 100%;
  block-size: 100%;
  object-fit: cover;
}

.attached .what {
  flex: 1;
  min-inline-size: 0;
}

.attached .what .name {
  line-height: 20px;
}

.attached .what .detail {
  color: var(--_text-muted);
  font-size: var(--_font-size-small);
  font-variant-numeric: tabular-nums;
  line-height: 18px;
}

.attached [data-state="refused"] .detail,
.attached [data-state="failed"] .detail {
  color: var(--_danger);
}

.attached .bar {
  block-size: 4px;
  margin-block-start: 4px;
  border-radius: 999px;
  background: var(--_surface-raised);
  overflow: hidden;
}

.attached .bar i {
  display: block;
  block-size: 100%;
  border-radius: inherit;
  background: var(--_accent);
  transition: inline-size var(--_ease);
}

.attached [data-state="paused"] .bar i {
  background: var(--_text-muted);
}

.attached .original {
  display: flex;
  align-items: flex-start;
  gap: 8px;
  inline-size: fit-content;
  padding-inline: 4px;
  cursor: pointer;
}

.attached .original input {
  flex: none;
  inline-size: 18px;
  block-size: 18px;
  margin-block-start: 2px;
  accent-color: var(--_accent);
}

.attached .original .hint {
  display: block;
  color: var(--_text-muted);
  font-size: var(--_font-size-small);
}

.attached .note {
  display: flex;
  align-items: center;
  gap: 8px;
  padding-inline-start: 4px;
  color: var(--_text-muted);
  font-size: var(--_font-size-small);
}

.attached .note:empty {
  display: none;
}

.attached .note p {
  flex: 1;
}

.drop-zone {
  position: absolute;
  z-index: 3;
  inset: 8px;
  display: flex;
  flex-direction: column;
  align-items: center;
  justify-content: center;
  gap: 8px;
  padding: 24px;
  border: 2px dashed var(--_accent);
  border-radius: var(--_radius-large);
  background: color-mix(in oklab, var(--_surface), transparent 8%);
  color: var(--_accent);
  font-weight: 500;
  text-align: center;
  text-wrap: balance;
  pointer-events: none;
  animation: appear var(--_ease);
}

.drop-zone .icon {
  inline-size: 32px;
  block-size: 32px;
  stroke-width: 1;
}

.attached [hidden],
.drop-zone[hidden] {
  display: none;
}

@media (pointer: coarse) {
  .attached .original {
    min-block-size: 44px;
  }
}

@media (forced-colors: active) {
  .attached .bar {
    border: 1px solid;
  }

  .attached .bar i {
    forced-color-adjust: none;
    background: Highlight;
  }
}
`;
