#!/usr/bin/env python3
"""Breaks hrl-serve and its page in small ways and sees whether the tests notice. By hand:

    tests/break_serve.py FOLDER [WORD ...]

As break.py, of which this has the other half: each break names the tests that are to notice it,
C programs by their name, Python's with the classes and methods to be run. Needs what the tests
of the service and of the page need. Prints what noticed each; exits 1 where a break survived or
its text is no longer in the file.
"""
import importlib
import os
import pathlib
import shutil
import subprocess
import sys

run = importlib.import_module("break").run
ROOT = pathlib.Path(__file__).resolve().parent.parent
S = "cli/serve/"

# (file below the root, text, what takes its place, tests). A text must be in the file once.
BREAKS = [
    # runs over HTTP
    (S + "api/training_start.c", "(int32_t)json_integer_value(json_object_get(values, \"priority\"))", "0",
     "serve_training OneAtATime.test_the_highest_priority_is_first"),
    (S + "api/training_start.c", "bool plain = !queued && training->settings.concurrency == 1;",
     "bool plain = training->settings.concurrency == 1;", "serve_training OneAtATime"),
    (S + "api/training_start.c", "bool plain = !queued && training->settings.concurrency == 1;", "bool plain = false;",
     "serve_training OneAtATime.test_old_answers_are_as_they_were"),
    (S + "api/training_start.c", "options->min_episodes = number_of(values, \"min_episodes\");", "",
     "serve_training OneAtATime.test_early_stopping"),
    (S + "api/training_start.c", "start->status = 404;", "start->status = 400;", "serve_http Routes.test_names"),
    (S + "api/training_change.c", "change->run == 0 && runs != NULL", "false",
     "serve_training OneAtATime Unrecorded TwoServices"),
    (S + "api/training_change.c", "  if (change->kind == CHANGE_STOP) run->stopping = true;\n", "",
     "serve_training serve_http serve_clients"),
    (S + "api/training_json.c", "run->end == RUN_COMPLETED ? \"completed\" : \"stopped\"", "\"stopped\"",
     "serve_training OneAtATime.test_a_stop_may_come_too_late"),
    (S + "api/waiting.c", "  else if (run->end == RUN_FAILED)\n", "  else if (false)\n",
     "serve_training OneAtATime.test_a_stop_that_cannot_save"),
    (S + "api/training_change.c", "state != HRL_RUN_QUEUED);", "true);",
     "serve_training TwoServices OneAtATime.test_a_stopped_run_goes_on"),
    (S + "api/training_change.c", "  if (run != NULL && count > 1)\n", "  if (run != NULL && count > 9)\n", "serve_training Several"),
    (S + "api/runs.c", "filter.states = run_states_parse(states)", "(void)run_states_parse(states)",
     "serve_runs"),
    (S + "api/runs.c", "  filter.until = text_of(task, \"until\");\n", "", "serve_runs"),
    (S + "api/runs.c", "filter.offset = task_number(task, \"offset\");", "", "serve_runs"),
    (S + "api/runs.c", "    task->counted = true;\n", "", "serve_runs"),
    (S + "api/runs.c", "  if (status == HRL_ERROR_STATE)\n", "  if (false)\n", "serve_training OneAtATime.test_deletion"),
    (S + "api/runs.c", "curve_read(runs, run.id, task_number(task, \"points\")", "curve_read(runs, run.id, 9999",
     "serve_runs"),
    # comparing them
    (S + "api/compare.c", ".episodes = task_number(task, \"episodes\")", ".episodes = 4000", "serve_runs"),
    (S + "api/compare.c", ".seed = task_number(task, \"seed\")", ".seed = 0", "serve_runs"),
    (S + "api/compare.c", "COMPARE_RUNS_MAX) < 2)", "COMPARE_RUNS_MAX) < 1)", "serve_runs"),
    (S + "api/compare.c", "ids[comparison.count - 1]", "ids[0]", "serve_runs"),
    # what clients hear
    (S + "socketio/subscription.c", "|| subscription->run == run", "|| true", "serve_queue"),
    (S + "socketio/socketio.c", "if (!session->joined || !subscription_wants(subscription, message->run)) return;",
     "if (!session->joined) return;", "serve_subscriptions"),
    (S + "socketio/socketio.c", "  else\n    session_hold(session, now);\n", "",
     "serve_subscriptions Subscriptions.test_what_is_held_goes_out_in_its_time"),
    (S + "socketio/socketio.c", "    send_held(session, subscription_flush(subscription, message->run));\n", "    ;\n",
     "serve_subscriptions"),
    (S + "socketio/socketio.c", "if (subscription_wants(&wanted, held->run)) session_send(session, held);",
     "session_send(session, held);", "serve_subscriptions"),
    (S + "socketio/session.c", "  release_at(sessions, release.next, release.now);\n", "",
     "serve_subscriptions Subscriptions.test_what_is_held_goes_out_in_its_time"),
    (S + "socketio/subscription.c", "  message_release(feed->held);\n  feed->held = NULL;\n", "",
     "serve_queue"),
    (S + "socketio/subscription.c", "now - feed->sent >= subscription->interval", "true", "serve_queue"),
    (S + "socketio/subscription.c", "    feed->sent = now;\n    return held;", "    return held;", "serve_queue"),
    (S + "api/rate_limit.c", "(last != 0 && now < last + limit->interval)", "false", "serve_queue"),
    (S + "api/rate_limit.c", "  limit->budget -= cost;\n", "", "serve_queue"),
    # the files of scenarios
    (S + "files/folder.c", "  if (reason != 0) unlinkat(place, beside, 0);\n  return reason;", "  return reason;",
     "serve_scenario_files serve_report_limits NoRoom"),
    (S + "files/folder.c", "int reason = linkat(place, beside, place, name, 0) != 0 ? errno : 0;",
     "int reason = renameat(place, beside, place, name) != 0 ? errno : 0;", "serve_files"),
    (S + "files/folder.c", "  reason = write_beside(place, beside, data, length, created);\n",
     "  snprintf(beside, sizeof beside, \"%s\", name);\n"
     "  int there = over ? openat(place, name, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0666) : -1;\n"
     "  reason = over ? write_fully(there, data, length) : write_beside(place, beside, data, length, created);\n"
     "  if (over) { close(there); close(place); return reason; }\n",
     "serve_scenario_files NoRoom"),
    (S + "files/folder.c", "  return reason == EXDEV || reason == ELOOP ? ENOENT : reason;", "  return reason;",
     "serve_start Operation.test_scenarios_of_the_folder serve_files"),
    (S + "files/folder.c", "if (reason == 0 && from != NULL && unlinkat", "if (reason == 0 && false && unlinkat",
     "serve_files serve_scenarios"),
    (S + "files/folder.c", "from != NULL ? created_of(place, from)", "from != NULL ? 0",
     "serve_scenarios"),
    (S + "files/scenario_store.c", "  hrl_status status = hrl_name_sanitize(raw, name, error);",
     "  hrl_status status = length < HRL_NAME_SIZE ? HRL_OK : HRL_ERROR_ARGUMENT;\n"
     "  if (status == HRL_OK) strcpy(name, raw);", "serve_scenario_files serve_http Routes.test_names"),
    (S + "files/scenario_store.c", "(char)(given[i] == '\\0' ? '_' : given[i])", "given[i]",
     "serve_http Routes.test_names serve_scenario_files"),
    (S + "files/scenario_store.c", "      raw[length - tail] = '\\0';\n", "",
     "serve_start Operation.test_scenarios_of_the_folder"),
    (S + "scenarios/scenarios.c", "  else if (is_there(&scenarios->store, wanted))", "  else if (false)",
     "serve_scenarios"),
    (S + "scenarios/scenarios.c", "read_scenario(task, name, &found) && !task_is_stale(task, found.file.etag) &&\n      (strcmp",
     "read_scenario(task, name, &found) &&\n      (strcmp", "serve_scenarios"),
    (S + "scenarios/scenarios.c", "  if (found->shipped) {\n", "  if (false) {\n", "serve_scenarios"),
    # simulations and reports
    (S + "api/workers.c", "workers->busy < workers->waiting_max + workers->thread_count", "true",
     "serve_simulation Busy"),
    (S + "simulation/simulation.c", "  task->retry_after = TASK_RETRY_SECONDS;\n", "", "serve_simulation Busy"),
    (S + "api/task.c", "    request->retry_after = TASK_RETRY_SECONDS;\n", "", "serve_simulation Busy"),
    (S + "reports/reports.c", "  task->retry_after = TASK_RETRY_SECONDS;\n", "", "serve_report_limits Busy"),
    (S + "simulation/play.c",
     "  return playing->request->ending != NULL && atomic_load(playing->request->ending);\n", "  return false;\n",
     "serve_simulation Ending"),
    (S + "api/pending.c", "while (!name(data, copy, id) || find(pending, id) != NULL) copy++;",
     "while (!name(data, copy, id)) copy++;", "serve_simulation Simulation.test_many_at_once serve_report_limits Busy"),
    (S + "api/pending.c", "    if (failure->status == 0) entry->id[0] = '\\0';\n", "    entry->id[0] = '\\0';\n",
     "serve_report_limits NoRoomForMetadata"),
    (S + "api/pending.c", "    entry->is_on = false;\n", "", "serve_report_limits NoRoomForMetadata"),
    (S + "reports/order.c", "    if (reason != 0) (void)folder_remove(folder, name);\n", "",
     "serve_report_limits NoRoomForMetadata"),
    (S + "reports/reports.c", "  if (is_html) task->policy = shown_policy;\n", "",
     "serve_reports Reports.test_shown_in_the_browser"),
    ("cli/report/canvas_svg.c", ": *text == '<'  ? \"&lt;\"", "", "report serve_reports Reports.test_titles_are_texts"),
    ("cli/report/canvas_svg.c", ": *text == '\"'  ? \"&quot;\"", "", "report serve_reports Reports.test_titles_are_texts"),
    ("cli/report/html.c", "  write_escaped(file, title);\n  fputs(\"</title>", "  fputs(title, file);\n  fputs(\"</title>",
     "serve_reports Reports.test_titles_are_texts"),
    # tags and origins
    (S + "http/request.c", "if ((!weak || weakly) && item == length && strncmp(at, etag, length) == 0)",
     "if ((!weak || weakly) && strncmp(at, etag, item) == 0)", "serve_request"),
    (S + "http/request.c", "if ((!weak || weakly) && item", "if (item", "serve_request"),
    (S + "api/task.c", "if (!task->is_get || !etag_matches(task->if_none_match, etag, true)) return false;",
     "return false;", "serve_scenarios serve_simulation Simulation.test_results"),
    (S + "files/folder.c", "    file_etag(file->etag, file->text, file->length);\n",
     "    file_etag(file->etag, file->text, file->length > 9 ? 9 : file->length);\n", "serve_files serve_scenarios"),
    (S + "http/cors.c", "  if (!request->preflight) {\n", "  if (request->status >= 400) return;\n  if (!request->preflight) {\n",
     "serve_access Anybody"),
    (S + "http/cors.c", "  if (allowed == NULL) return;\n", "  if (allowed == NULL || request->status >= 400) return;\n",
     "serve_access Anybody"),
    (S + "http/routing.c", "  else if (changes_something(request->method) && cors_is_foreign(request))", "  else if (false)",
     "serve_access Guarded.test_origins"),
    # the page
    (S + "http/routing.c", "(route->access == ACCESS_PAGE && assets_wanted(request))", "false", "serve_page Locked"),
    (S + "http/routing.c", "(route->access == ACCESS_PAGE && assets_wanted(request))", "route->access == ACCESS_PAGE",
     "serve_page Locked"),
    (S + "http/assets.c", "  request->policy = policy;\n", "", "serve_page Page.test_nothing_from_elsewhere"),
    (S + "http/assets.c", "script-src 'self'; style", "script-src 'self' 'unsafe-inline'; style",
     "serve_page Page.test_nothing_from_elsewhere"),
    (S + "http/assets.c", "connect-src 'self'", "connect-src *", "serve_page Page.test_nothing_from_elsewhere"),
    (S + "http/assets.c", "require-trusted-types-for 'script'; ", "", "serve_page Page.test_nothing_from_elsewhere"),
    (S + "http/assets.c", "  request->vary = \"Accept, Accept-Encoding\";\n", "", "serve_page"),
    (S + "web/live.js", "        resync().catch(() => {});\n", "", "page Now.test_what_happened_while_nobody_was_told"),
    (S + "web/live.js", "socket.emit('subscribe_training', {interval_ms: EVENTS});", "", "page Socket"),
    (S + "web/live.js", "      run.status = 'interrupted';", "      run.status = 'running';",
     "page Now.test_a_service_that_lost_its_record"),
    (S + "web/socket.js", "    this.timer = setTimeout(() => this.open(), this.wait * (0.75 + Math.random() / 2));\n", "",
     "page Now.test_a_service_that_begins_anew"),
    (S + "web/socket.js", "      this.link.send('3');\n", "", "page Socket"),
    (S + "web/editor.js", "{'If-Match': this.tag}", "{}", "page_households Households.test_somebody_else_was_faster"),
]


def settings(copy):
    """The environment of the tests, as tests/meson.build gives it."""
    return {**os.environ, "HRL_SERVE": str(copy / "build/cli/hrl-serve"), "HRL_SCENARIOS": str(copy / "scenarios"),
            "HRL_PAGE": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def fails(copy, words):
    """Whether a test fails: a program, or a Python file's classes and methods."""
    name, *wanted = words
    if (copy / f"tests/test_{name}.c").exists():
        command = [str(copy / f"build/tests/test_{name}")]
    else:
        command = ["/usr/bin/python3", str(copy / f"tests/test_{name}.py"), "-f", *wanted]
    result = subprocess.run(command, cwd=copy, env=settings(copy), capture_output=True, text=True, check=False)
    if result.returncode == 77:
        sys.exit(f"{name} cannot run here: {result.stdout}")
    return result.returncode != 0


def split(tests):
    """[[name, class or method, ...], ...] of one text."""
    found = []
    for word in tests.split():
        if word[0].islower():
            found.append([word])
        else:
            found[-1].append(word)
    return found


def build(copy, tests):
    programs = ["tests/test_" + words[0] for words in tests if (copy / f"tests/test_{words[0]}.c").exists()]
    return run("ninja", "-C", "build", "cli/hrl-serve", "cli/hrl-advise", *programs, folder=copy)


def try_break(copy, name, old, new, tests):
    """What happened: 'missing', 'does not build', 'survived', or the test that noticed."""
    path = copy / name
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        return "missing: the text is %d times in %s" % (text.count(old), name)
    path.write_text(text.replace(old, new), encoding="utf-8")
    try:
        built = build(copy, tests)
        if built.returncode != 0:
            return "does not build: " + built.stdout[-400:]
        for words in tests:
            if fails(copy, words):
                return " ".join(words)
        return "survived"
    finally:
        path.write_text(text, encoding="utf-8")


def main():
    copy = pathlib.Path(sys.argv[1]).resolve()
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("build*", ".git"))
    if run("meson", "setup", "build", folder=copy).returncode != 0:
        sys.exit("cannot set up a build in %s" % copy)
    bad = 0
    sound = set()
    for name, old, new, tests in BREAKS:
        if sys.argv[2:] and not any(word in name + old + new + tests for word in sys.argv[2:]):
            continue
        words = split(tests)
        for each in words:
            if tuple(each) not in sound:
                build(copy, words)
                if fails(copy, each):
                    sys.exit("%s fails without a break" % " ".join(each))
                sound.add(tuple(each))
        result = try_break(copy, name, old, new, words)
        bad += result == "survived" or result.startswith(("missing", "does not"))
        print("%-40s %s -> %s\n    %s" % (name, old.strip(), new.strip(), result), flush=True)
    print("%d breaks not noticed" % bad)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
