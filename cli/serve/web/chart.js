/* Charts by dygraphs: lines and bands in the page's colours, told in words to those who do not
 * see them. */

import {h, replace} from './dom.js';

const dark = matchMedia('(prefers-color-scheme: dark)');
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const rem = () => parseFloat(getComputedStyle(document.body).fontSize);

/* Its legend writes HTML and inline styles; ours is beside the chart. */
Dygraph.PLUGINS = Dygraph.PLUGINS.filter((plugin) => plugin !== Dygraph.Plugins.Legend);

/* A dygraph takes one array a row; a row is [x, value or [low, middle, high]...]. */
export class Chart {
  /* `lines`: [{label, ink, band, dash, width, key, silent}], in the order of the columns. `key`: how it
   * looks in the legend; `silent`: not read out. */
  constructor({label, lines, x, y, axis = y, xLabel = ''}) {
    Object.assign(this, {label, lines, x, y, axis});
    this.plot = h('div', {class: 'plot'});
    this.words = h('p', {class: 'hidden'});
    this.reading = h('p', {class: 'reading', 'aria-hidden': 'true'});
    this.legend = h('ul', {class: 'legend'});
    this.element = h('figure', {class: 'chart', role: 'group', 'aria-label': label},
      h('div', {class: 'chart-head'}, this.legend, this.reading), this.plot,
      h('p', {class: 'axis-name', 'aria-hidden': 'true'}, xLabel), this.words);
    this.repaint = () => this.graph && this.graph.updateOptions(this.options());
    dark.addEventListener('change', this.repaint);
    // what was drawn before it had a place is drawn when it has one
    this.sizes = new ResizeObserver(() => (this.graph ? this.graph.resize() : this.waiting && this.draw(this.waiting)));
    this.sizes.observe(this.plot);
    this.drawLegend();
  }

  drawLegend() {
    if (this.lines.length < 2) return;
    replace(this.legend, this.lines.map((line) => h('li', {class: `key ${line.ink} ${line.key || (line.dash ? 'dashed' : '')}`}, line.label)));
  }

  options() {
    const series = {};
    this.lines.forEach((line, i) => {
      series[`s${i}`] = {color: colour(line.ink), strokeWidth: line.width || 2, strokePattern: line.dash || null};
    });
    const shared = {axisLineColor: colour('axis'), gridLineColor: colour('grid')};
    const narrow = this.plot.clientWidth < 24 * rem();
    const banded = this.lines.some((line) => line.band);
    return {
      labels: ['x', ...this.lines.map((_, i) => `s${i}`)],
      series, customBars: banded, connectSeparatedPoints: true, fillAlpha: 0.18,
      highlightCircleSize: 3.5, axisLabelFontSize: 0.75 * rem(), gridLineWidth: 1, includeZero: false,
      xRangePad: 4, yRangePad: 8, rightGap: 12, animatedZooms: false,
      axes: {
        x: {...shared, drawGrid: false, axisLabelFormatter: this.x, valueFormatter: this.x, pixelsPerLabel: (narrow ? 2.8 : 4.5) * rem()},
        y: {...shared, axisLabelFormatter: this.axis, valueFormatter: this.y, axisLabelWidth: 3.5 * rem()},
      },
      highlightCallback: (event, x, points) => this.read(x, points),
      unhighlightCallback: () => this.read(null, []),
    };
  }

  /* What is under the pointer. */
  read(x, points) {
    const parts = points.filter((point) => !this.lines[Number(point.name.slice(1))].silent).map((point) => {
      const line = this.lines[Number(point.name.slice(1))];
      return `${this.lines.length > 1 ? line.label + ' ' : ''}${this.y(point.yval)}`;
    });
    this.reading.textContent = x === null ? '' : `${this.x(x)}: ${parts.join(' · ')}`;
  }

  /* `words` say what the rows show. */
  draw(rows, words) {
    this.plot.hidden = rows.length === 0;
    if (words !== undefined) this.words.textContent = words;
    if (rows.length === 0) return;
    this.waiting = this.plot.clientWidth > 0 ? null : rows;
    if (this.waiting) return;
    if (this.graph) {
      this.graph.updateOptions({file: rows});
      return;
    }
    this.graph = new Dygraph(this.plot, rows, this.options());
    this.plot.querySelectorAll('canvas').forEach((canvas) => canvas.setAttribute('aria-hidden', 'true'));
  }

  setLines(lines, y, axis = y) {
    Object.assign(this, {lines, y, axis});
    replace(this.legend);
    this.drawLegend();
    this.destroyGraph();
  }

  destroyGraph() {
    if (this.graph) this.graph.destroy();
    this.graph = null;
  }

  destroy() {
    dark.removeEventListener('change', this.repaint);
    this.sizes.disconnect();
    this.destroyGraph();
  }
}

/* The line of a curve in words. */
export function describe(name, column, format, x) {
  const values = column.filter((row) => row[1] !== null);
  if (values.length < 2) return `${name}: no curve yet.`;
  const [first, last] = [values[0], values[values.length - 1]];
  let [low, high] = [first, first];
  for (const row of values) {
    if (row[1] < low[1]) low = row;
    if (row[1] > high[1]) high = row;
  }
  return `${name}: from ${format(first[1])} at ${x(first[0])} to ${format(last[1])} at ${x(last[0])}; `
    + `lowest ${format(low[1])} at ${x(low[0])}, highest ${format(high[1])} at ${x(high[0])}.`;
}
