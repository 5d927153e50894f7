/* Numbers, money and times as the browser's language has them. */

const language = navigator.languages && navigator.languages.length ? navigator.languages : undefined;
const NONE = '–';

const formatters = new Map();
function formatter(key, options) {
  if (!formatters.has(key)) formatters.set(key, new Intl.NumberFormat(language, options));
  return formatters.get(key);
}

/* A value that its digits show as nothing has no sign: not -€0. */
const unsigned = (value, digits) => (Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value);

const known = (value) => typeof value === 'number' && Number.isFinite(value);

export const integer = (value) => (known(value) ? formatter('i', {maximumFractionDigits: 0}).format(unsigned(value, 0)) : NONE);

export function number(value, digits = 2) {
  if (!known(value)) return NONE;
  return formatter(`n${digits}`, {minimumFractionDigits: digits, maximumFractionDigits: digits}).format(unsigned(value, digits));
}

/* Four significant digits, for figures of any size (-0 + 0 is 0). */
export const short = (value) => (known(value) ? formatter('s', {maximumSignificantDigits: 4}).format(value + 0) : NONE);

export function euro(value, digits = 0) {
  if (!known(value)) return NONE;
  return formatter(`e${digits}`, {style: 'currency', currency: 'EUR', minimumFractionDigits: digits,
    maximumFractionDigits: digits}).format(unsigned(value, digits));
}

/* For axes: 12 k. */
export const compact = (value) =>
  (known(value) ? formatter('c', {notation: 'compact', maximumSignificantDigits: 3}).format(value + 0) : NONE);

export function percent(value, digits = 0) {
  if (!known(value)) return NONE;
  return formatter(`p${digits}`, {style: 'percent', minimumFractionDigits: digits,
    maximumFractionDigits: digits}).format(unsigned(value, digits + 2));
}

export const signed = (value, digits = 2) =>
  (known(value) ? formatter(`d${digits}`, {signDisplay: 'exceptZero', maximumFractionDigits: digits}).format(value) : NONE);

/* Whether 0,02 is a number here. */
const hasComma = new Intl.NumberFormat(language).format(0.5).includes(',');

/* The number that a text is, with the decimal sign of the language or a full stop; NaN: none. */
export function toNumber(text) {
  const trimmed = text.trim();
  return trimmed === '' ? NaN : Number(hasComma && !trimmed.includes('.') ? trimmed.replace(',', '.') : trimmed);
}

const UNITS = [[86400, 'day'], [3600, 'hour'], [60, 'minute'], [1, 'second']];
const unit = (value, name) =>
  formatter(`u${name}`, {style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 0}).format(value);

/* The two largest units: 1 hr 5 min. */
export function duration(seconds) {
  if (!known(seconds) || seconds < 0) return NONE;
  if (seconds < 10) return formatter('usecond1', {style: 'unit', unit: 'second', unitDisplay: 'short',
    minimumFractionDigits: 1, maximumFractionDigits: 1}).format(seconds);
  let rest = Math.round(seconds);
  const parts = [];
  for (const [size, name] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 && parts.length < 2) parts.push(unit(count, name));
    else if (parts.length > 0) break;
  }
  return parts.join(' ');
}

const times = new Intl.DateTimeFormat(language, {dateStyle: 'medium', timeStyle: 'short'});

/* A time of the service: ISO 8601, local without an offset or seconds since 1970. */
export function time(value) {
  if (value === null || value === undefined || value === '') return NONE;
  const date = new Date(typeof value === 'number' ? value * 1000 : value);
  return Number.isNaN(date.getTime()) ? NONE : times.format(date);
}

/* young_couple -> Young couple; a name of another kind stays as it is. */
export function title(name) {
  if (!/^[a-z0-9]+(_[a-z0-9]+)*$/.test(name || '')) return name || NONE;
  const words = name.replaceAll('_', ' ');
  return words[0].toUpperCase() + words.slice(1);
}

/* What an evaluation is told by: the certainty equivalent in euro a month where the model has one, the
   strategic return elsewhere; with half of its 95 % interval, or null: a single episode has none. */
export function worth(evaluation) {
  const own = evaluation.certainty_equivalent === null || evaluation.certainty_equivalent === undefined
    ? 'strategic_return' : 'certainty_equivalent';
  const error = evaluation[`${own}_stderr`];
  return {value: evaluation[own], reach: known(error) ? 1.96 * error : null,
    label: own === 'strategic_return' ? 'Strategic return' : 'Certainty equivalent, euro a month'};
}

/* 577.3 ± 12.8 */
export function worthText(evaluation) {
  const {value, reach} = worth(evaluation);
  return reach === null ? number(value, 1) : `${number(value, 1)} ± ${number(reach, 1)}`;
}
