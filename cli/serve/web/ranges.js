/* Ranges of a family's keys as people type them: '1200 to 15000, log', '0.2 to 0.8 of income',
 * '100 to 300, chance 0.3'. */

const NUMBER = '[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[-+]?\\d+)?';
const RANGE = new RegExp(`^(${NUMBER})\\s+to\\s+(${NUMBER})(?:\\s+of\\s+(\\w+))?((?:\\s*,\\s*(?:log|linear|chance\\s+${NUMBER}))*)$`, 'i');

export const isRange = (value) => value !== null && typeof value === 'object';

export function rangeText({from, to, of, scale, chance, ...rest}) {
  let text = `${from} to ${to}`;
  if (of) text += ` of ${of}`;
  if (scale) text += `, ${scale}`;
  if (chance !== undefined) text += `, chance ${chance}`;
  return Object.keys(rest).length ? JSON.stringify({from, to, of, scale, chance, ...rest}) : text;
}

/* The range that a text is, or null. */
export function parseRange(text) {
  const found = RANGE.exec(text.trim());
  if (!found) return null;
  const range = {from: Number(found[1]), to: Number(found[2])};
  if (found[3]) range.of = found[3];
  const scale = /\b(log|linear)\b/i.exec(found[4]);
  if (scale) range.scale = scale[1].toLowerCase();
  const chance = /chance\s+(\S+?)(?:,|$)/i.exec(found[4]);
  if (chance) range.chance = Number(chance[1]);
  return range;
}
