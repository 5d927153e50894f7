#!/usr/bin/env python3
"""Breaks the code of learning in small ways and sees whether the tests notice. By hand:

    tests/break.py FOLDER [--golden] [WORD ...]

Copies the sources to FOLDER (made anew) and builds there. For each break of the list below
(those whose text has one of the WORDs) the C tests of learning run, without the golden runs
unless --golden is given: a break should fall to a test that knows the right value. Prints
what noticed it; exits 1 where a break survived or its text is no longer in the file.
"""
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTS = ("random", "rl", "ppo", "ppo_update", "agents", "wiring", "wiring_keys", "wiring_run", "budget",
         "budget_rewards", "seam", "household",
         "household_episodes", "metrics", "optimum", "evaluate", "quality", "environment",
         "lifecycle", "lifecycle_optimum", "lifecycle_run")

BUDGET = "libhrl/environments/budget/"
LIFECYCLE = "libhrl/environments/lifecycle/"
CUSTOM = "libhrl/environments/custom/"
# What a program's own task is tried by; other files have nothing to do with these.
TASK_TESTS = ("task", "task_ask", "task_check", "task_fail", "task_play", "task_run")
# (file below the root, text, what takes its place). A text must be in the file once.
BREAKS = [
    ("libhrl/evaluate/pick.c", "(evaluation->options.seed ^ OTHER_SEED) >> 1", "evaluation->options.seed"),
    ("libhrl/evaluate/rules.c", "x->value < y->value ? 1 : -1", "x->value < y->value ? -1 : 1"),
    ("libhrl/evaluate/pick.c", "candidate->value += played", "candidate->value = played"),
    ("libhrl/base/random.c", "radius_of(words[0][i]) * cosine", "radius_of(words[0][i]) * sine"),
    ("libhrl/base/random.c", "hrlp_random_uniform(words[1][i])", "hrlp_random_uniform(words[2][i])"),
    ("libhrl/agents/learner.c", "  hrlp_standardize(batch->advantages, batch->count);\n", ""),
    ("libhrl/agents/learner.c", "values[i] * valuation->scale", "values[i]"),
    ("libhrl/agents/learner.c", "struct agent_schedule high = {config->gamma_high,",
     "struct agent_schedule high = {config->gamma_low,"),
    ("libhrl/agents/learner.c", "(before + config->schedule)", "(before + 2 * config->schedule)"),
    ("libhrl/agents/learner.c", "double progress = before / (before + config->schedule);",
     "double progress = before / (before + config->schedule); progress *= progress;"),
    ("libhrl/agents/learner.c", "config->std_end * 0.5)", "config->std_end * 0.4)"),
    ("libhrl/agents/learner.c", "(config->std_end - 1.0) * progress", "(config->rate_end - 1.0) * progress"),
    ("libhrl/agents/learner.c", "batch->returns[i] *= factor", "batch->returns[i] *= 1.0f"),
    ("libhrl/agents/learner.c", "(float)gamma, (float)lambda, batch->advantages + at, batch->returns",
     "(float)lambda, (float)gamma, batch->advantages + at, batch->returns"),
    ("libhrl/agents/learner.c", "(float)gamma, (float)lambda, batch->advantages + at,\n",
     "(float)lambda, (float)gamma, batch->advantages + at,\n"),
    ("libhrl/agents/learner.c", "agents->updates++;", ""),
    ("libhrl/agents/rollout.c", "mean[j] = action[j] + output", "mean[j] = output"),
    ("libhrl/agents/rollout.c", "expf(log_std[j])", "expf(0.9f * log_std[j])"),
    ("libhrl/agents/rollout.c", "(float)(rewards->executor[row]", "(float)(rewards->strategist[row]"),
    ("libhrl/agents/rollout.c", "period - month % period", "period"),
    ("libhrl/agents/rollout.c", "period - (month + 1) % period", "period - month % period"),
    ("libhrl/agents/rollout.c", "workspace->rows, alive, month - 1);\n", "workspace->rows, 0, month - 1);\n"),
    ("libhrl/agents/learner.c", "valuation->weights[first + i] * value;\n      else", "value;\n      else"),
    ("libhrl/agents/learner.c", "batch->next_values + at, batch->trajectories", "batch->values + at, batch->trajectories"),
    ("libhrl/rl/gae.c", "gamma * next_values[t] - values[t]", "next_values[t] - values[t]"),
    ("libhrl/rl/ppo.c", "number << 8 | update.epoch", "number << 8"),
    ("libhrl/rl/ppo.c", "norm > limit ? (float)(limit / norm) : 1.0f", "1.0f"),
    ("libhrl/rl/ppo.c", "- pow(adam_beta2, count)", "- pow(adam_beta1, count)"),
    ("libhrl/rl/gae.c", "  float next_value = last_value;", "  float next_value = 1.0f + last_value;"),
    ("libhrl/rl/return_scale.c", "scale->weight *= decay;", ""),
    (BUDGET + "batch.c", "expected += node_weights[k] * hrlp", "expected += 0.2 * hrlp"),
    (BUDGET + "batch.c", "node->finished ? 0.0f : ", ""),
    (BUDGET + "batch.c", "state.cash = node->cash;", ""),
    (BUDGET + "batch.c", "(1.0 - player->goal.aggressiveness) * unit", "unit"),
    (BUDGET + "batch.c", "expect_reward(batch, i) - price * distance", "expect_reward(batch, i) - 0.5 * price * distance"),
    (BUDGET + "batch.c", "period->cash / months", "period->cash"),
    (BUDGET + "batch.c", "period->spent / period->expected - 1.0", "period->spent / period->expected"),
    (BUDGET + "batch.c", "(state->cash - period->start_cash) / months", "(state->cash - period->start_cash)"),
    (BUDGET + "forecast.c", "(month + 1 < forecast->months ? weights->alpha : 0.0)", "weights->alpha"),
    (BUDGET + "forecast.c", "weights->lambda * (1.0 + growth) * earned", "weights->lambda * earned"),
    (BUDGET + "forecast.c", "(overspent > 0.0 ? overspent : 0.0) - forecast", "0.0 * (overspent > 0.0 ? overspent : 0.0) - forecast"),
    (BUDGET + "forecast.c", "if (!transition->finished)", "if (true)"),
    (BUDGET + "forecast.c", "(double)(forecast->months - t)) - 1.0", "(double)(forecast->months - t))"),
    (BUDGET + "features.c", "0.25 * seen->available, 1.5", "0.5 * seen->available, 1.5"),
    (BUDGET + "features.c", "x[4] = (float)(10.0 * seen.risk)", "x[4] = (float)(5.0 * seen.risk)"),
    (BUDGET + "features.c", "buffer_unit = 2.0", "buffer_unit = 1.5"),
    (BUDGET + "features.c", "x[5] = (float)((double)months_to_next_goal / (double)period)", "x[5] = 1.0f"),
    (BUDGET + "features.c", "spare < target ? spare : target", "target"),
    (BUDGET + "household.c", "price[i] *= growth;", "price[i] *= 1.001;"),
    (BUDGET + "household.c", "portfolio[i] * yields[i] + invested", "(portfolio[i] + invested) * yields[i] + invested"),
    (BUDGET + "figures.c", "mu * (double)sums->months_solvent", "mu * (double)sums->months"),
    (BUDGET + "figures.c", "fabs(target - shares[0])", "fabs(target - shares[1])"),
    (BUDGET + "optimum.c", "(double)(environment->max_months - month)) - 1.0", "(double)(environment->max_months - month - 1)) - 1.0"),
    (BUDGET + "optimum.c", "stretch.safety = solver->reward->mu", "stretch.safety = 0.0"),
    (BUDGET + "rules.c", "{(double)number / 100.0}", "{(double)number / 101.0}"),
    ("libhrl/evaluate/evaluate.c", "stage->first_episode + first", "stage->first_episode"),
    ("libhrl/evaluate/evaluate.c", "return room > 1e-9 * size", "return fabs(room) > 1e-9 * size"),
    ("libhrl/evaluate/evaluate.c", "stage.first_episode = done", "stage.first_episode = 0"),
    ("libhrl/evaluate/tally.c", "(count - 1.0)", "count"),
    ("libhrl/evaluate/tally.c", "episode->insolvent ? 0.0 : 1.0", "1.0"),
    ("libhrl/agents/agents.c", ".gamma_low = training->gamma_low,",
     ".gamma_low = training->gamma_high,"),
    ("libhrl/agents/agents.c", ".gamma_high = training->gamma_high,",
     ".gamma_high = training->gamma_low,"),
    ("libhrl/agents/agents.c", ".lambda_low = training->gae_lambda_low,",
     ".lambda_low = training->gae_lambda_high,"),
    ("libhrl/agents/agents.c", ".lambda_high = training->gae_lambda_high,",
     ".lambda_high = training->gae_lambda_low,"),
    ("libhrl/agents/agents.c", ".rate_low = training->learning_rate_low,",
     ".rate_low = training->learning_rate_high,"),
    ("libhrl/agents/agents.c", ".rate_high = training->learning_rate_high,",
     ".rate_high = training->learning_rate_low,"),
    ("libhrl/agents/agents.c", ".rate_end = training->learning_rate_end,",
     ".rate_end = training->exploration_end,"),
    ("libhrl/agents/agents.c", ".std_end = training->exploration_end,",
     ".std_end = training->learning_rate_end,"),
    ("libhrl/agents/agents.c", ".clip = training->clip_range,",
     ".clip = training->max_gradient_norm,"),
    ("libhrl/agents/agents.c", ".std_low = training->exploration_low,",
     ".std_low = training->exploration_high,"),
    ("libhrl/agents/agents.c", ".std_high = training->exploration_high,",
     ".std_high = training->exploration_low,"),
    ("libhrl/agents/agents.c", ".schedule = training->schedule_episodes,",
     ".schedule = training->num_episodes,"),
    ("libhrl/agents/agents.c", ".epochs_low = (size_t)training->epochs_low,",
     ".epochs_low = (size_t)training->epochs_high,"),
    ("libhrl/agents/agents.c", ".epochs_high = (size_t)training->epochs_high,",
     ".epochs_high = (size_t)training->epochs_low,"),
    ("libhrl/agents/agents.c", ".minibatch_low = (size_t)training->batch_size,",
     ".minibatch_low = (size_t)training->batch_size_high,"),
    ("libhrl/agents/agents.c", ".minibatch_high = (size_t)training->batch_size_high,",
     ".minibatch_high = (size_t)training->batch_size,"),
    ("libhrl/agents/agents.c", ".hidden_low = (size_t)training->hidden_low,",
     ".hidden_low = (size_t)training->hidden_high,"),
    ("libhrl/agents/agents.c", ".hidden_high = (size_t)training->hidden_high,",
     ".hidden_high = (size_t)training->hidden_low,"),
    ("libhrl/agents/agents.c", "(float)log(config->std_high)",
     "(float)log(config->std_low)"),
    ("libhrl/agents/agents.c", "(float)log(config->std_low)",
     "(float)config->std_low"),
    ("libhrl/agents/agents.c", "STRATEGIST_WEIGHTS = 1, EXECUTOR_WEIGHTS = 2",
     "STRATEGIST_WEIGHTS = 1, EXECUTOR_WEIGHTS = 1"),
    ("libhrl/rl/actor_critic.c", "actor_last_gain = 0.01f",
     "actor_last_gain = 0.02f"),
    ("libhrl/rl/actor_critic.c", "critic_last_gain = 0.1f",
     "critic_last_gain = 1.0f"),
    ("libhrl/rl/actor_critic.c", "stream * 2 + 1",
     "stream * 2"),
    ("libhrl/agents/rollout.c", "request->first_episode + first + workspace->rows[row + i];",
     "request->first_episode + workspace->rows[row + i];"),
    ("libhrl/agents/rollout.c", "HRLP_RANDOM_STRATEGIST, first",
     "HRLP_RANDOM_EXECUTOR, first"),
    ("libhrl/rl/ppo.c", "batch->order + first, end - first, batch->rows",
     "batch->order, end - first, batch->rows"),
    ("libhrl/rl/ppo.c", "end - first, batch->rows",
     "end - first, end - first"),
    ("libhrl/rl/ppo.c", "for (size_t s = 1; s < batch->shards && !batch->summed; s++)",
     "for (size_t s = 1; s + 1 < batch->shards && !batch->summed; s++)"),
    ("libhrl/rl/ppo.c", "for (size_t s = 0; s < batch->shards; s++)",
     "for (size_t s = 0; s < 1; s++)"),
    ("libhrl/trainer/training.c", "&trainer->agents, first + 1, count,",
     "&trainer->agents, first, count,"),
    ("libhrl/trainer/training.c", "&trainer->agents, run->round_first,",
     "&trainer->agents, run->episode,"),
    ("libhrl/trainer/training.c", "run->round_first = run->episode;",
     "run->round_first = run->episode - 1;"),
    ("libhrl/trainer/training.c", "if (run->episode == run->total_episodes) return HRL_OK;",
     "if (run->episode == run->total_episodes) break;"),
    ("libhrl/trainer/training.c", "trainer->options.eval_episodes,",
     "trainer->options.eval_episodes + 1,"),
    ("libhrl/trainer/training.c", "evaluation->strategic_return > trainer->run.best_score",
     "evaluation->reward > trainer->run.best_score"),
    ("libhrl/trainer/training.c", "report.executor.loss, report.strategist.loss",
     "report.strategist.loss, report.executor.loss"),
    ("libhrl/evaluate/tally.c", "tally->adherence += episode->goal_adherence",
     "tally->adherence += episode->stability"),
    ("libhrl/evaluate/tally.c", "tally->adherence / count",
     "tally->adherence"),
    (BUDGET + "optimum.c", "(size_t)(at + 0.5)", "(size_t)at"),
    (LIFECYCLE + "household.c", "life->cash * forecast->safe;", "life->cash;"),
    (LIFECYCLE + "household.c", "if (life->job) transitory =", "transitory ="),
    (LIFECYCLE + "figures.c", "sums->discount *= forecast->beta;", ""),
    (LIFECYCLE + "forecast.c", "(gross - 1.0) * (1.0 - forecast->config.capital_tax)", "(gross - 1.0)"),
    (LIFECYCLE + "forecast.c", "log(mean) - variance / 2.0", "log(mean)"),
    (LIFECYCLE + "optimum.c", "step * fmax(value, 1e-12)", "fmax(value, 1e-12)"),
    (LIFECYCLE + "optimum.c", "chance * solver->income[1][i] +\n                                  (1.0 - chance) * solver->income[0][i]);\n  }", "solver->income[1][i]);\n  }"),
    (LIFECYCLE + "batch.c", "found[k].weight * measures.slope /", "found[k].weight *"),
    (LIFECYCLE + "batch.c", "worth + forecast->beta * after - player->measures_before.potential", "worth + forecast->beta * after"),
    (LIFECYCLE + "features.c", "forecast->share * (1.0 + human / rest)", "forecast->share"),
    (LIFECYCLE + "rules.c", "/ 12.0;", "/ 6.0;"),
    (LIFECYCLE + "nodes.c", "decided->portfolio * forecast->return_points[r]", "decided->portfolio"),
    ("libhrl/agents/learner.c", "cut ? batch->last_values[i] : 0.0f", "0.0f"),
    ("libhrl/agents/rollout.c", "high->truncated[first + i] = low->truncated[first + i] = cut", "high->truncated[first + i] = low->truncated[first + i] = true"),
    ("libhrl/agents/rollout.c", "if (problem != NULL) workspace->error = *problem;", ""),
    ("libhrl/agents/rollout_exchange.c", "  add_column(columns, trajectories->last_observations,\n             agent->observations * sizeof(float));\n", ""),
    ("libhrl/evaluate/evaluate.c", "if (stage->errors[i].status != HRL_OK) return pass_on(&stage->errors[i], error);", ""),
    (CUSTOM + "batch.c", "    move(batch->states, slot, from, task->state_size);\n", ""),
    (CUSTOM + "batch.c", "    move(batch->episodes, slot, from, sizeof *batch->episodes);\n", ""),
    (CUSTOM + "batch.c", "    move(batch->goals, slot, from, task->goals * sizeof(double));\n", ""),
    (CUSTOM + "batch.c", "    move(batch->potentials, slot, from, sizeof(double));\n", ""),
    (CUSTOM + "batch.c", "  batch->observed = false;\n  memset(finished", "  memset(finished"),
    (CUSTOM + "batch.c", "reward - batch->options.goal_weight * departure", "reward - departure"),
    (CUSTOM + "batch.c", "options->gamma_low * next - now", "next - now"),
    (CUSTOM + "batch.c", "(is_border || finished[slot] ? options->gamma_high : 1.0)", "options->gamma_high"),
    (CUSTOM + "batch.c", "2.0 * hrlp_quantity_place(&task->goal[j], goals[j]) - 1.0", "hrlp_quantity_place(&task->goal[j], goals[j])"),
    (CUSTOM + "batch.c", "(float)((double)steps_to_next_goal / (double)period)", "1.0f"),
    (CUSTOM + "batch.c", "if (*end == HRL_TASK_GOES_ON && is_last) *end = HRL_TASK_TRUNCATED;", "if (*end == HRL_TASK_GOES_ON && is_last) *end = HRL_TASK_TERMINATED;"),
    (CUSTOM + "batch.c", "tally->departure / steps", "tally->departure"),
    (CUSTOM + "batch.c", "one.states = batch->states + slot * task->state_size;", "one.states = batch->states;"),
    (CUSTOM + "call.c", "if (ends != NULL && ends[i] == HRL_TASK_TERMINATED)", "if (ends != NULL && ends[i] == 77)"),
    (CUSTOM + "call.c", "    values[k] = bounded(&quantities[k % width], values[k]);\n", ""),
    (CUSTOM + "noise.c", "(stream & 0xffff) << 16", "0"),
    (CUSTOM + "play.c", "plan->optimum != NULL ? HRLP_OPTIMUM", "false ? HRLP_OPTIMUM"),
    (CUSTOM + "check.c", "  request.actions++;\n", ""),
    (CUSTOM + "check.c", "    request.first = request.row = i;\n", ""),
    (CUSTOM + "check.c", "more = hrlp_check_run_step(&runs[1]) || first;", "more = first;"),
    (CUSTOM + "check.c", "  request.fill = FILL_FIRST;\n", ""),
    (CUSTOM + "guarded.c", "for (size_t i = 0; i < GUARD; i++)", "for (size_t i = 0; i < 0; i++)"),
    (CUSTOM + "guarded.c", "  size_t begin = GUARD + array->used * array->width;\n  bool", "  size_t begin = GUARD + array->rows * array->width;\n  bool"),
    ("libhrl/scenario/definition.c", "x->version == y->version", "true"),
    ("libhrl/scenario/definition.c", "quantities_equal(x->action, y->action, x->actions)", "true"),
    ("libhrl/policy/policy_task.c", "(const uint8_t *)states + first * bytes", "(const uint8_t *)states"),
    ("libhrl/policy/policy_task.c", "asked + i * task->goals, (int64_t)steps_to_next_goal", "asked, (int64_t)steps_to_next_goal"),
]


def tests_of(name, tests):
    """The tests that a break of that file is tried on."""
    own = name.startswith(CUSTOM) or "task" in name or "definition" in name
    return TASK_TESTS if own else tests + TASK_TESTS


def run(*command, folder):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def try_break(copy, name, old, new, tests):
    """What happened: 'missing', 'does not build', 'survived', or the tests that failed."""
    path = copy / name
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        return "missing: the text is %d times in %s" % (text.count(old), name)
    path.write_text(text.replace(old, new), encoding="utf-8")
    try:
        built = run("ninja", "-C", "build", *("tests/test_" + test for test in tests), folder=copy)
        if built.returncode != 0:
            return "does not build: " + built.stdout[-400:]
        failed = [test for test in tests
                  if run("build/tests/test_" + test, folder=copy).returncode != 0]
        return ", ".join(failed) if failed else "survived"
    finally:
        path.write_text(text, encoding="utf-8")


def main():
    words = [word for word in sys.argv[2:] if word != "--golden"]
    tests = TESTS + (("golden",) if "--golden" in sys.argv else ())
    copy = pathlib.Path(sys.argv[1])
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("build*", ".git"))
    if run("meson", "setup", "build", folder=copy).returncode != 0:
        sys.exit("cannot set up a build in %s" % copy)
    whole = try_break(copy, BREAKS[0][0], BREAKS[0][1], BREAKS[0][1], tests)
    if whole != "survived":
        sys.exit("the tests fail without a break: %s" % whole)
    bad = 0
    for name, old, new in BREAKS:
        if words and not any(word in name + old + new for word in words):
            continue
        result = try_break(copy, name, old, new, tests)
        bad += result == "survived" or result.startswith(("missing", "does not"))
        print("%-50s %s -> %s\n    %s" % (name, old.strip(), new.strip(), result), flush=True)
    print("%d breaks not noticed" % bad)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
