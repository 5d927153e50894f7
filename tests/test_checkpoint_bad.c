/* Checkpoints that are refused: each with a message that names file and reason, and with
 * the trainer as it was. Here those that are damaged, and other runs';
 * test_checkpoint_forged.c has those whose checksums are right. */
#include "bad_checkpoint.h"

/* ---- damage ---- */

/* A flip that changes nothing that is meant (1e-5 and 1E-5) may load, as the same run. */
static void assert_refused_or_same(const char *name) {
  hrl_scenario *scenario = make_scenario();
  hrl_trainer_options options = short_run(40, NULL);
  hrl_trainer *other = NULL;
  OK(hrl_trainer_create(scenario, &options, &other, &error));
  if (hrl_trainer_load(other, "bad", NULL) == HRL_OK) {
    ck_assert_str_eq(name, "metadata.json");
    OK(hrl_trainer_save(other, "same", &error));
    OK(hrl_trainer_load(other, "good", &error));
    OK(hrl_trainer_save(other, "copy", &error));
    assert_same_file("same/metadata.json", "copy/metadata.json");
  } else {
    assert_refused(name, "with a bit flipped");
  }
  hrl_trainer_destroy(other);
  hrl_scenario_destroy(scenario);
}

START_TEST(flipped_bits_are_found) {
  size_t length = 0;
  char path[64];
  snprintf(path, sizeof path, "good/%s", names[_i]);
  char *data = read_whole(path, &length);
  size_t flips = length < 400 ? length : 400;
  for (size_t n = 0; n < flips; n++) {
    size_t at = n * length / flips;
    char bit = (char)(1 << ((n * 5 + n / 8) % 8));
    data[at] = (char)(data[at] ^ bit);
    make_bad(names[_i], data, length);
    assert_refused_or_same(names[_i]);
    data[at] = (char)(data[at] ^ bit);
  }
  free(data);
}
END_TEST

START_TEST(cut_and_foreign_files_are_found) {
  static const char foreign[] =
      "Lorem ipsum dolor sit amet, consectetur adipiscing elit.";
  size_t length = 0;
  char path[64];
  snprintf(path, sizeof path, "good/%s", names[_i]);
  char *data = read_whole(path, &length);
  for (size_t n = 0; n < 60; n++) {
    make_bad(names[_i], data, n * (length - 2) / 60); /* the first one is empty */
    assert_refused(names[_i], "cut");
  }
  char *longer = calloc(length + 1, 1);
  memcpy(longer, data, length);
  make_bad(names[_i], longer, length + 1);
  assert_refused(names[_i], "with a zero byte more");
  make_bad(names[_i], foreign, sizeof foreign - 1);
  assert_refused(names[_i], "of something else");
  make_bad(names[_i], NULL, 0);
  assert_refused(names[_i], "missing");
  snprintf(path, sizeof path, "bad/%s", names[_i]);
  OK(hrlp_folder_create(path, &error));
  assert_refused(names[_i], "a folder");
  char *other = read_whole(_i == 0 ? "good/low_agent.pt" : "good/high_agent.pt", &length);
  make_bad(names[_i], other, length);
  assert_refused(names[_i], "another file of the checkpoint");
  free(other);
  free(longer);
  free(data);
}
END_TEST

START_TEST(what_is_no_checkpoint_folder_is_said_so) {
  FAILS(hrl_trainer_load(trainer, "none", &error), HRL_ERROR_NOT_FOUND,
        "none: is not a folder; a checkpoint folder was expected");
  FAILS(hrl_trainer_load(trainer, "good/high_agent.pt", &error), HRL_ERROR_NOT_FOUND,
        "good/high_agent.pt: is not a folder");
  FAILS(hrl_trainer_load(trainer, "out", &error), HRL_ERROR_FORMAT,
        "out: is neither a checkpoint (it holds no metadata.json) nor a folder of");
}
END_TEST

START_TEST(without_permission_it_is_said_so) {
  if (geteuid() == 0) return; /* who may read everything */
  ck_assert_int_eq(chmod("good/low_agent.pt", 0), 0);
  FAILS(hrl_trainer_load(trainer, "good", &error), HRL_ERROR_IO,
        "good/low_agent.pt: cannot open the file: Permission denied");
  ck_assert_int_eq(chmod("good/low_agent.pt", 0600), 0);
}
END_TEST

/* ---- other runs ---- */

START_TEST(another_scenario_is_refused) {
  hrl_scenario *scenario = NULL;
  hrl_trainer *other = NULL;
  OK(hrl_scenario_parse(trial_yaml, strlen(trial_yaml), "brother", &scenario, &error));
  OK(hrl_trainer_create(scenario, NULL, &other, &error));
  FAILS(hrl_trainer_load(other, "good", &error), HRL_ERROR_MISMATCH,
        "good/metadata.json: belongs to the scenario 'trial', not to 'brother'");
  hrl_trainer_destroy(other);
  hrl_scenario_destroy(scenario);
}
END_TEST

/* Every key of the scenario, changed a little. */
START_TEST(other_parameters_are_refused_by_name) {
  for (size_t i = 0; i < hrl_scenario_key_count(); i++) {
    const hrl_scenario_key *key = hrl_scenario_key_at(i);
    char name[128];
    double value = 0.0;
    snprintf(name, sizeof name, "%s.%s", key->section, key->name);
    hrl_scenario *scenario = make_scenario();
    OK(hrl_scenario_get(scenario, name, &value, &error));
    double other_value =
        key->type == HRL_KEY_NUMBER ? value * 0.875 + 0.0078125 : value + 1;
    if (other_value > key->maximum) other_value = value - 1;
    OK(hrl_scenario_set(scenario, name, other_value, &error));
    hrl_trainer *other = NULL;
    OK(hrl_trainer_create(scenario, NULL, &other, &error));
    if (strcmp(name, "training.num_episodes") == 0) {
      OK(hrl_trainer_load(other, "good", &error));
    } else {
      char expected[256];
      snprintf(expected, sizeof expected, "good/high_agent.pt: was trained with %s ",
               name);
      FAILS(hrl_trainer_load(other, "good", &error), HRL_ERROR_MISMATCH, expected);
    }
    hrl_trainer_destroy(other);
    hrl_scenario_destroy(scenario);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("checkpoint_bad");
  TCase *cases = tcase_create("bad");
  tcase_set_timeout(cases, 240);
  tcase_add_checked_fixture(cases, set_up, tear_down);
  tcase_add_loop_test(cases, flipped_bits_are_found, 0, 4);
  tcase_add_loop_test(cases, cut_and_foreign_files_are_found, 0, 4);
  tcase_add_test(cases, what_is_no_checkpoint_folder_is_said_so);
  tcase_add_test(cases, without_permission_it_is_said_so);
  tcase_add_test(cases, another_scenario_is_refused);
  tcase_add_test(cases, other_parameters_are_refused_by_name);
  suite_add_tcase(suite, cases);
  return run_suite(suite);
}
