"""Records what PyTorch computes, for tests/test_nn.c and tests/test_ppo.c to compare with.

    python3 make_golden.py

writes golden.h beside itself. Inputs are rounded to single precision, so that both sides
start from the same numbers; PyTorch then computes in double precision, so that every
difference is the library's. Recorded with PyTorch 1.13.
"""

import math
import os

import torch

torch.manual_seed(20240229)
torch.set_default_dtype(torch.float64)


def rounded(tensor):
    return tensor.to(torch.float32).to(torch.float64)


def noise(*shape, scale=1.0):
    return rounded(torch.randn(*shape) * scale)


class Writer:
    def __init__(self):
        self.parts = ['/* Made by make_golden.py with PyTorch; do not edit. */\n'
                      '#ifndef TEST_GOLDEN_H\n#define TEST_GOLDEN_H\n']

    def size(self, name, value):
        self.parts.append('#define GOLDEN_%s %d\n' % (name.upper(), value))

    def real(self, name, value):
        self.parts.append('#define GOLDEN_%s %r\n' % (name.upper(), float(value)))

    def inputs(self, name, tensor):
        """Numbers that single precision holds exactly."""
        self.array('float', name, tensor, lambda x: '%.9gf' % x)

    def results(self, name, tensor):
        self.array('double', name, tensor, lambda x: '%.15g' % x)

    def array(self, kind, name, tensor, form):
        texts = [form(x) for x in tensor.detach().reshape(-1).tolist()]
        texts = [t[:-1] + '.0f' if t.endswith('f') and not set('.e') & set(t) else t for t in texts]
        lines, line = [], ' '
        for text in texts:
            if len(line) + len(text) > 96:
                lines.append(line)
                line = ' '
            line += ' ' + text + ','
        lines.append(line)
        self.parts.append('static const %s golden_%s[%d] = {\n%s\n};\n'
                          % (kind, name, len(texts), '\n'.join(lines)))

    def write(self, path):
        with open(path, 'w', encoding='ascii') as file:
            file.write('\n'.join(self.parts) + '\n#endif\n')


def make_network(widths, activation):
    layers = []
    for i in range(len(widths) - 1):
        linear = torch.nn.Linear(widths[i], widths[i + 1])
        with torch.no_grad():
            linear.weight.copy_(noise(*linear.weight.shape, scale=1 / math.sqrt(widths[i])))
            linear.bias.copy_(noise(*linear.bias.shape, scale=0.3))
        layers.append(linear)
        if i + 2 < len(widths):
            layers.append(activation())
    return torch.nn.Sequential(*layers)


def flat(network, part=lambda p: p):
    """Layer after layer, weights [in, out] then biases: the library's order."""
    pieces = []
    for layer in network:
        if isinstance(layer, torch.nn.Linear):
            pieces += [part(layer.weight).t().reshape(-1), part(layer.bias)]
    return torch.cat(pieces).detach().clone()


def gradient(parameter):
    return parameter.grad


def record_mlp(writer):
    rows, widths = 7, [4, 6, 6, 3]
    writer.size('mlp_rows', rows)
    x = noise(rows, widths[0])
    d_outputs = noise(rows, widths[-1])
    writer.inputs('mlp_x', x)
    writer.inputs('mlp_d_outputs', d_outputs)
    for name, activation in (('tanh', torch.nn.Tanh), ('relu', torch.nn.ReLU)):
        network = make_network(widths, activation)
        outputs = network(x)
        outputs.backward(d_outputs)
        writer.inputs('mlp_%s_parameters' % name, flat(network))
        writer.results('mlp_%s_outputs' % name, outputs)
        writer.results('mlp_%s_gradients' % name, flat(network, gradient))


def record_gaussian(writer):
    rows, width = 9, 3
    writer.size('gaussian_rows', rows)
    mean = noise(rows, width).requires_grad_()
    log_std = rounded(torch.tensor([-2.3, -0.4, 0.7])).requires_grad_()
    action = noise(rows, width, scale=1.5)
    distribution = torch.distributions.Normal(mean, log_std.exp())
    log_probability = distribution.log_prob(action).sum(1)
    log_probability.sum().backward()
    writer.inputs('gaussian_mean', mean)
    writer.inputs('gaussian_log_std', log_std)
    writer.inputs('gaussian_action', action)
    writer.results('gaussian_log_probability', log_probability)
    writer.results('gaussian_entropy', distribution.entropy()[0].sum())
    writer.results('gaussian_d_mean', mean.grad)
    writer.results('gaussian_d_log_std', log_std.grad)


def record_adam(writer):
    steps, count = 20, 11
    writer.size('adam_steps', steps)
    writer.size('adam_count', count)
    x = noise(count)
    gradients = noise(steps, count) * rounded(10.0 ** torch.linspace(-4, 1, count))
    gradients = rounded(gradients)
    writer.inputs('adam_start', x)
    writer.inputs('adam_gradients', gradients)
    parameter = x.clone().requires_grad_()
    optimizer = torch.optim.Adam([parameter], lr=0.0078125, eps=1e-5)
    trace = []
    for row in gradients:
        parameter.grad = row.clone()
        optimizer.step()
        trace.append(parameter.detach().clone())
    writer.results('adam_trace', torch.stack(trace))


CLIP, VALUE_WEIGHT, ENTROPY_WEIGHT, NORM, RATE = 0.1875, 0.75, 0.0078125, 0.25, 0.0078125


def ppo_losses(actor, critic, log_std, batch):
    mean = batch['offsets'] + actor(batch['observations'])
    distribution = torch.distributions.Normal(mean, log_std.exp())
    log_probability = distribution.log_prob(batch['actions']).sum(1)
    ratio = (log_probability - batch['log_probabilities']).exp()
    policy = -torch.min(ratio * batch['advantages'],
                        ratio.clamp(1 - CLIP, 1 + CLIP) * batch['advantages']).mean()
    value = 0.5 * ((critic(batch['observations'])[:, 0] - batch['returns']) ** 2).mean()
    entropy = distribution.entropy().sum(1).mean()
    clipped = ((ratio < 1 - CLIP) | (ratio > 1 + CLIP)).double().mean()
    divergence = (ratio - 1 - ratio.log()).mean()
    return policy, value, entropy, divergence, clipped


def record_ppo(writer):
    rows, observations, actions, hidden = 24, 5, 2, 8
    for name, value in (('rows', rows), ('observations', observations), ('actions', actions),
                        ('hidden', hidden)):
        writer.size('ppo_' + name, value)
    actor = make_network([observations, hidden, hidden, actions], torch.nn.Tanh)
    critic = make_network([observations, hidden, hidden, 1], torch.nn.Tanh)
    log_std = rounded(torch.tensor([-0.9, -0.3])).requires_grad_()
    batch = {'observations': noise(rows, observations), 'offsets': noise(rows, actions, scale=0.5),
             'advantages': noise(rows), 'returns': noise(rows, scale=2.0)}
    with torch.no_grad():
        mean = batch['offsets'] + actor(batch['observations'])
        batch['actions'] = rounded(mean + log_std.exp() * torch.randn(rows, actions))
        log_probability = torch.distributions.Normal(mean, log_std.exp()).log_prob(batch['actions'])
        # the policy has moved since it acted: ratios on both sides of the clip range
        batch['log_probabilities'] = rounded(log_probability.sum(1) + 0.3 * torch.randn(rows))
    blocks = [list(actor.parameters()), list(critic.parameters()), [log_std]]

    def parameters():
        return torch.cat([flat(actor), flat(critic), log_std.detach()])

    writer.inputs('ppo_parameters', parameters())
    for name, tensor in batch.items():
        writer.inputs('ppo_' + name, tensor)
    for name, value in (('clip', CLIP), ('value_weight', VALUE_WEIGHT), ('norm', NORM),
                        ('entropy_weight', ENTROPY_WEIGHT), ('rate', RATE)):
        writer.real('ppo_' + name, value)

    optimizer = torch.optim.Adam(sum(blocks, []), lr=RATE, eps=1e-5)
    steps, trace, kinds = 20, [], set()
    writer.size('ppo_steps', steps)
    for step in range(steps):
        policy, value, entropy, divergence, clipped = ppo_losses(actor, critic, log_std, batch)
        loss = policy + VALUE_WEIGHT * value - ENTROPY_WEIGHT * entropy
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            writer.results('ppo_losses', torch.stack([policy, value, entropy, divergence, clipped]))
            writer.results('ppo_gradients', torch.cat([flat(actor, gradient), flat(critic, gradient),
                                                       log_std.grad]))
        for index, block in enumerate(blocks):
            norm = torch.sqrt(sum((p.grad ** 2).sum() for p in block))
            kinds.add((index, bool(norm > NORM)))
            if norm > NORM:
                for p in block:
                    p.grad *= NORM / norm
        optimizer.step()
        trace.append(parameters())
    assert (0, True) in kinds and (1, True) in kinds and (2, False) in kinds, kinds
    writer.results('ppo_first_step', trace[0])
    writer.results('ppo_last_step', trace[-1])


def main():
    writer = Writer()
    record_mlp(writer)
    record_gaussian(writer)
    record_adam(writer)
    record_ppo(writer)
    writer.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'golden.h'))


if __name__ == '__main__':
    main()
