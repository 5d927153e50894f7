/* The curve of a run, bounded: when it is full, neighbours become their mean, so that a run of
 * any length takes the same memory and is drawn in the same time. */

export const FIGURES = ['avg_reward', 'avg_duration', 'avg_cash', 'avg_invested', 'stability', 'goal_adherence'];
const ROOM = 1200;

const mean = (a, b) => (a === null ? b : b === null ? a : (a + b) / 2);
const merge = (a, b) => a.map((value, i) => (i === 0 ? b[0] : mean(value, b[i])));

export class Series {
  constructor() {
    this.rows = []; // [episode, figures...]
    this.spacing = 0; // episodes from one row to the next, at least
    this.seen = 0; // the episode of the last event
    this.begin();
  }

  /* The sums of what the next row is the mean of. */
  begin() {
    this.sums = FIGURES.map(() => 0);
    this.counts = FIGURES.map(() => 0);
  }

  get last() { return this.rows.length ? this.rows[this.rows.length - 1][0] : 0; }

  add(progress) {
    if (progress.episode <= this.seen) return;
    this.seen = progress.episode;
    FIGURES.forEach((figure, i) => {
      const value = progress[figure] ?? null;
      if (value === null) return;
      this.sums[i] += value;
      this.counts[i]++;
    });
    if (this.rows.length && this.seen - this.last < this.spacing) return;
    this.rows.push([this.seen, ...this.sums.map((sum, i) => (this.counts[i] ? sum / this.counts[i] : null))]);
    this.begin();
    if (this.rows.length >= ROOM) this.halve();
  }

  halve() {
    const rows = [];
    for (let i = 0; i + 1 < this.rows.length; i += 2) rows.push(merge(this.rows[i], this.rows[i + 1]));
    this.spacing = (2 * (this.last - this.rows[0][0])) / this.rows.length;
    this.rows = rows;
  }

  /* What the service remembers of the time before this page looked. */
  prepend(points) {
    const first = this.rows.length ? this.rows[0][0] : Infinity;
    const rows = points.filter((point) => point.episode < first)
      .map((point) => [point.episode, ...FIGURES.map((figure) => point[figure] ?? null)]);
    this.rows = [...rows, ...this.rows];
    // what follows is not much finer
    if (rows.length > 1) this.spacing = Math.max(this.spacing, (rows[rows.length - 1][0] - rows[0][0]) / (rows.length - 1) / 4);
    while (this.rows.length >= ROOM) this.halve();
  }

  /* [episode, value, trend] of a figure. */
  column(figure) {
    const i = FIGURES.indexOf(figure) + 1;
    return withTrend(this.rows.map((row) => [row[0], row[i]]));
  }
}

/* Adds the mean of a twentieth of the curve around each point: what is noise and what is learning
 * is then told apart at a glance. */
export function withTrend(rows) {
  const reach = Math.max(Math.floor(rows.length / 40), rows.length < 10 ? 0 : 2);
  let sum = 0, count = 0, from = 0, to = 0;
  const take = (row, sign) => {
    if (row[1] === null) return;
    sum += sign * row[1];
    count += sign;
  };
  return rows.map((row, i) => {
    while (to < rows.length && to <= i + reach) take(rows[to++], 1);
    while (from < i - reach) take(rows[from++], -1);
    return [row[0], row[1], count ? sum / count : null];
  });
}
