/* Modules of the page that need no browser: test_page_modules.mjs FOLDER, by Node.js. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';

const load = (name) => import(`data:text/javascript,${encodeURIComponent(readFileSync(`${process.argv[2]}/${name}`, 'utf8'))}`);
const {Series, withTrend} = await load('series.js');
const {parseRange, rangeText} = await load('ranges.js');
globalThis.navigator ??= {languages: ['en']}; // older Node.js has none
const {compact, euro, number, percent, short, signed, worth, worthText} = await load('format.js');

/* A curve of any length is bounded, and each of its points the mean of what it stands for. */
{
  const series = new Series();
  for (let episode = 1; episode <= 2000000; episode += 7)
    series.add({episode, avg_reward: episode / 1000, avg_cash: null});
  assert.ok(series.rows.length > 500 && series.rows.length < 1200, `${series.rows.length} rows`);
  for (const [episode, value] of series.column('avg_reward')) {
    const reach = series.spacing / 1000;
    assert.ok(value <= episode / 1000 && value >= episode / 1000 - reach - 0.1, `${value} at ${episode}`);
  }
  assert.equal(series.column('avg_cash')[7][1], null);
  assert.ok(series.column('avg_reward').every((row, i, rows) => i === 0 || row[0] > rows[i - 1][0]));
}

/* What is heard twice counts once; what the record has comes before what was heard. */
{
  const series = new Series();
  for (const episode of [100, 100, 90, 110]) series.add({episode, avg_reward: episode});
  assert.deepEqual(series.column('avg_reward').map((row) => row[0]), [100, 110]);
  series.prepend([10, 20, 30, 100, 110].map((episode) => ({episode, avg_reward: 1})));
  assert.deepEqual(series.column('avg_reward').map((row) => row[0]), [10, 20, 30, 100, 110]);
}

/* The trend of a line is the line; of noise around a level that level. */
{
  const line = withTrend([...Array(400)].map((_, i) => [i, 2 * i]));
  for (const [x, , trend] of line.slice(20, -20)) assert.ok(Math.abs(trend - 2 * x) < 1e-9);
  const noise = withTrend([...Array(400)].map((_, i) => [i, i % 2]));
  for (const [, , trend] of noise.slice(20, -20)) assert.ok(Math.abs(trend - 0.5) < 0.06);
  assert.deepEqual(withTrend([[1, null], [2, 4]]), [[1, null, null], [2, 4, 4]]);
  assert.deepEqual(withTrend([]), []);
}

/* Runs of the lifecycle model are told by certainty equivalents, others by their returns. */
{
  const life = {strategic_return: 0.01, strategic_return_stderr: 0.02, certainty_equivalent: 440, certainty_equivalent_stderr: 10};
  assert.deepEqual([worth(life).value, worth(life).reach], [440, 1.96 * 10]);
  const base = {...life, certainty_equivalent: null, certainty_equivalent_stderr: null};
  assert.deepEqual([worth(base).value, worth(base).reach], [0.01, 1.96 * 0.02]);
  assert.notEqual(worth(life).label, worth(base).label);
  assert.equal(worthText({strategic_return: 577.26, strategic_return_stderr: 2}), '577.3 ± 3.9');
  assert.equal(worthText({strategic_return: 577.26, strategic_return_stderr: 0}), '577.3 ± 0.0');
  assert.equal(worthText({strategic_return: 577.26, strategic_return_stderr: null}), '577.3'); // of a single episode
}

/* What is shown as nothing has no sign, even where it was a little less. */
for (const text of [euro(-0.3), euro(-0.004, 2), number(-0.001), percent(-0.001), percent(-0.0004, 1), signed(-0.001), short(-0), compact(-0)])
  assert.ok(!/[-\u2212]/.test(text), text);
for (const text of [euro(-0.6), euro(-0.006, 2), number(-0.006), percent(-0.006), signed(-0.006), short(-1e-9), compact(-0.2)])
  assert.ok(/[-\u2212]/.test(text), text);

/* Ranges are read as they are written. */
for (const range of [{from: 1200, to: 15000, scale: 'log'}, {from: 0.2, to: 0.8, of: 'income'}, {from: -1, to: 1e6},
  {from: 1, to: 2, scale: 'linear'},
  {from: 100, to: 300, chance: 0.3}, {from: 0.3, to: 3, of: 'income', scale: 'log', chance: 0.5}])
  assert.deepEqual(parseRange(rangeText(range)), range);
for (const text of ['', '5', '1 to', 'to 5', '1 to x', '1 to 5 of', '1 to 5, loud', '1 to 5; log'])
  assert.equal(parseRange(text), null, text);

console.log('ok');
