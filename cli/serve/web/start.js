/* The form that starts a training, of the table that the service checks it by. */

import {h, notify} from './dom.js';
import {call, openapi, post} from './api.js';
import {Field, Form} from './forms.js';
import {title} from './format.js';
import {resync} from './live.js';

async function households() {
  const list = await call('api/scenarios');
  return list.filter((item) => !item.error).map((item) => item.name).sort();
}

// the service's phrase is for programs
const HINTS = {scenario_name: ''};

export async function startForm(preset) {
  const [api, names] = await Promise.all([openapi(), households()]);
  const schema = api.components.schemas.TrainingRequest;
  const labels = {scenario_name: 'Household', num_episodes: 'Episodes', save_interval: 'Save every',
    eval_episodes: 'Episodes of an evaluation', seed: 'Seed', priority: 'Priority', patience: 'Patience',
    min_improvement: 'Least improvement', min_episodes: 'Least episodes', target: 'Target'};
  const required = schema.required || [];
  const make = (name) => new Field({name, label: labels[name] || name, schema: schema.properties[name], hint: HINTS[name],
    required: required.includes(name),
    options: name === 'scenario_name' ? names.map((value) => ({value, label: title(value)})) : undefined});
  const fields = Object.keys(labels).map(make);
  const form = new Form({fields, action: 'Start training', submit: async (values) => {
    const answer = await post('api/training/start', {...values, queue: true});
    if (answer.data.status === 'queued') notify(`${title(values.scenario_name)} waits for its turn.`);
    await resync();
  }});
  if (preset) form.fields.get('scenario_name').value = preset;
  const [basic, rest] = [fields.slice(0, 2), fields.slice(2)];
  form.lay(basic.map((field) => field.element),
    h('details', null, h('summary', null, 'More'), rest.map((field) => field.element)));
  return form;
}
