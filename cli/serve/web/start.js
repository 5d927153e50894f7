/* The form that starts a training, of the table that the service checks it by. */

import {h} from './dom.js';
import {call, has, openapi, post} from './api.js';
import {Field, Form} from './forms.js';
import {title} from './format.js';
import {resync} from './live.js';

async function households() {
  if (!(await has('/api/scenarios'))) return null;
  const list = await call('api/scenarios');
  return list.map((item) => item.name);
}

export async function startForm(preset) {
  const [api, names] = await Promise.all([openapi(), households().catch(() => null)]);
  const schema = api.components.schemas.TrainingRequest;
  // a service with a queue lets runs wait
  const queues = 'queue' in schema.properties;
  const labels = {scenario_name: 'Household', num_episodes: 'Episodes', save_interval: 'Save every',
    eval_episodes: 'Episodes of an evaluation', seed: 'Seed', ...(queues && {priority: 'Priority'})};
  const required = schema.required || [];
  const make = (name) => new Field({name, label: labels[name] || name, schema: schema.properties[name],
    required: required.includes(name),
    options: name === 'scenario_name' && names ? names.map((value) => ({value, label: title(value)})) : undefined});
  const fields = Object.keys(labels).filter((name) => name in schema.properties).map(make);
  const form = new Form({fields, action: 'Start training', submit: async (values) => {
    await post('api/training/start', queues ? {...values, queue: true} : values);
    await resync();
  }});
  form.queues = queues;
  if (preset) form.fields.get('scenario_name').value = preset;
  const [basic, rest] = [fields.slice(0, 2), fields.slice(2)];
  form.lay(basic.map((field) => field.element),
    h('details', null, h('summary', null, 'More'), rest.map((field) => field.element)));
  return form;
}
