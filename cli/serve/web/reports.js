/* Reports: made of simulated episodes, opened, downloaded, deleted. */

import {add, h, newId, notify, replace, setText} from './dom.js';
import {call, frameAddress, openapi, post, request, segment} from './api.js';
import {Field, Form} from './forms.js';
import {integer, number, time, title} from './format.js';
import {Table} from './table.js';
import {removeAfterAsking} from './words.js';

const SECTIONS = [['summary', 'Summary'], ['scenario', 'The household'], ['training', 'Training'], ['results', 'Results'],
  ['strategy', 'Strategy'], ['charts', 'Charts']];

const ending = (report) => (report.report_type === 'pdf' ? 'pdf' : 'html');
const fileOf = (report) => `api/reports/${segment(report.report_id)}`;

const tell = (error) => notify(error.message, 'error');

/* The file by way of this page, which has the token; a link of its own has none. */
async function download(report) {
  const answer = await request(fileOf(report), {headers: {Accept: '*/*'}});
  const address = URL.createObjectURL(await answer.blob());
  const link = h('a', {href: address, download: `${report.report_id}.${ending(report)}`});
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

async function makeForm(made) {
  const [api, scenarios, models] = await Promise.all([openapi(), call('api/scenarios'), call('api/models')]);
  if (!models.models.length) return null;
  const {schemas} = api.components;
  const simulation = schemas.SimulationRequest.properties, report = schemas.ReportRequest.properties;
  const names = scenarios.filter((item) => !item.error).map((item) => item.name).sort();
  const choose = (list) => list.map((value) => ({value, label: title(value)}));
  const model = new Field({name: 'model_name', label: 'Model', hint: '', schema: simulation.model_name, required: true, options: choose(models.models.map((item) => item.name))});
  const household = new Field({name: 'scenario_name', label: 'Household', hint: '', schema: simulation.scenario_name, required: true, options: choose(names)});
  const episodes = new Field({name: 'num_episodes', label: 'Episodes', hint: 'That are played for it.', schema: simulation.num_episodes});
  const kind = new Field({name: 'report_type', label: 'Form', schema: report.report_type, required: true,
    options: [{value: 'html', label: 'HTML, for the screen'}, {value: 'pdf', label: 'PDF, for paper'}], hint: ''});
  const heading = new Field({name: 'title', label: 'Title', schema: report.title, hint: 'Left empty: the household’s name.'});
  episodes.value = 200;
  const follow = () => {
    const own = (models.models.find((item) => item.name === model.value) || {}).scenario_name;
    if (names.includes(own)) household.value = own;
  };
  model.input.addEventListener('change', follow);
  follow();
  const boxes = SECTIONS.map(([value, label]) => {
    const id = newId('section');
    return [value, h('input', {type: 'checkbox', id, checked: true}), h('label', {for: id}, label)];
  });
  const doing = h('p', {class: 'faint small', role: 'status'});
  const form = new Form({fields: [model, household, episodes, kind, heading], action: 'Make the report', submit: async (values) => {
    const parts = boxes.filter(([, box]) => box.checked).map(([value]) => value);
    if (!parts.length) throw new Error('Choose at least one part.'); // to the service none means all
    try {
      setText(doing, values.num_episodes === undefined ? 'Playing…' : `Playing ${integer(values.num_episodes)} episodes…`);
      const played = await post('api/simulation/run', {model_name: values.model_name, scenario_name: values.scenario_name, num_episodes: values.num_episodes});
      setText(doing, 'Writing…');
      const written = await post('api/reports/generate', {simulation_id: played.simulation_id, report_type: values.report_type, title: values.title,
        include_sections: parts});
      notify(`The report “${written.title}” was made.`);
      await made(written);
    } finally {
      setText(doing, '');
    }
  }});
  form.lay([model, household, episodes, kind, heading].map((field) => field.element),
    h('fieldset', null, h('legend', null, 'Parts'), boxes.map(([, box, label]) => h('div', {class: 'check'}, box, label))), doing);
  return form;
}

class List {
  constructor() {
    this.table = new Table({caption: 'Reports', sort: {by: 'Made', down: true}, columns: [
      {label: 'Title', key: (report) => report.title, cell: (report) => this.opener(report)},
      {label: 'Form', key: (report) => report.report_type, optional: true, cell: (report) => h('span', {class: 'badge'}, report.report_type.toUpperCase())},
      {label: 'Made', key: (report) => report.generated_at, optional: true, kind: 'time', cell: (report) => time(report.generated_at)},
      {label: 'KiB', key: (report) => report.file_size_kb, number: true, optional: true, cell: (report) => number(report.file_size_kb, 0)},
      {name: 'Actions', cell: (report) => h('div', {class: 'row end tight'},
        h('button', {type: 'button', 'aria-label': `Download ${report.title}`, onclick: () => download(report).catch(tell)}, 'Download'),
        h('button', {type: 'button', class: 'danger', 'aria-label': `Delete ${report.title}`, onclick: () => this.remove(report)}, 'Delete'))},
    ]});
    this.empty = h('section', {class: 'card empty'}, h('h2', null, 'There are no reports yet'),
      h('p', null, 'A report tells how a model fares with a household: fan charts, what is left, its advice beside simple rules. Make one from any model.'));
    this.card = h('section', {class: 'card'}, this.table.element);
    this.element = h('div', {class: 'stack'}, this.empty, this.card);
  }

  opener(report) {
    return report.report_type === 'html' ? h('a', {href: `#/reports/${segment(report.report_id)}`}, report.title) : report.title;
  }

  async load() {
    const {reports: list} = await call('api/reports/list');
    this.empty.hidden = list.length > 0;
    this.card.hidden = list.length === 0;
    this.table.show(list);
  }

  async remove(report) {
    const gone = await removeAfterAsking(fileOf(report), {title: `Delete “${report.title}”?`, text: 'Its file is deleted.', done: 'The report was deleted.'});
    if (gone) await this.load();
  }
}

/* A report within the page: in a frame of its own that may run nothing. */
async function showOne(root, id) {
  const report = await call(`api/reports/${segment(id)}/metadata`);
  const frame = h('iframe', {class: 'report', title: report.title, sandbox: '', src: frameAddress(fileOf(report), {disposition: 'inline'})});
  add(root, [h('p', {class: 'back'}, h('a', {href: '#/reports'}, '← Reports')),
    h('div', {class: 'head'}, h('h1', null, report.title), h('button', {type: 'button', onclick: () => download(report).catch(tell)}, 'Download')), frame]);
  return null;
}

async function show(root, {rest}) {
  if (rest.length) return showOne(root, rest[0]);
  const list = new List();
  const side = h('section', {class: 'card side', 'aria-labelledby': 'make-title'}, h('h2', {id: 'make-title'}, 'Make a report'));
  add(root, [h('h1', null, 'Reports'), h('div', {class: 'columns'}, list.element, side)]);
  const [form] = await Promise.all([makeForm(() => list.load()), list.load()]);
  if (form) add(side, form.element);
  else replace(side, h('h2', null, 'A model is needed'), h('p', {class: 'faint'}, 'A report is about trained agents.'),
    h('p', null, h('a', {class: 'button primary', href: '#/now'}, 'Train a household')));
  return null;
}

export const reports = {path: 'reports', title: 'Reports',
  icon: 'M7 3h7l5 5v13H7zM14 3v5h5M10 13h6M10 17h6', show};
