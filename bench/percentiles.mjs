// What of many values stands for all of them.

/** The given parts of the sorted values, between 0 and 1. */
export function percentiles(values, parts) {
  const sorted = [...values].sort((a, b) => a - b);
  return parts.map((part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]);
}
