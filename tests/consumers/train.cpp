// The same in C++17, with the handles owned by smart pointers.
#include <hrl/hrl.h>

#include <iostream>
#include <memory>
#include <stdexcept>

namespace {

struct Destroy {
  void operator()(hrl_scenario *scenario) const { hrl_scenario_destroy(scenario); }
  void operator()(hrl_trainer *trainer) const { hrl_trainer_destroy(trainer); }
};

void check(hrl_status status, const hrl_error &error) {
  if (status != HRL_OK) throw std::runtime_error(error.message);
}

int train() {
  hrl_error error = HRL_ERROR_INIT;
  hrl_scenario *scenario = nullptr;
  check(hrl_scenario_load("bologna_coppia", &scenario, &error), error);
  const std::unique_ptr<hrl_scenario, Destroy> own_scenario(scenario);
  hrl_trainer_options options = HRL_TRAINER_OPTIONS_INIT;
  options.episodes = 8;
  options.eval_episodes = 1;
  hrl_trainer *trainer = nullptr;
  check(hrl_trainer_create(scenario, &options, &trainer, &error), error);
  const std::unique_ptr<hrl_trainer, Destroy> own_trainer(trainer);
  int heard = 0;
  const auto listen = [](const hrl_event *event, void *data) {
    if (event->type == HRL_EVENT_PROGRESS) ++*static_cast<int *>(data);
  };
  check(hrl_trainer_add_listener(trainer, listen, &heard, &error), error);
  check(hrl_trainer_start(trainer, &error), error);
  check(hrl_trainer_wait(trainer, &error), error);
  return heard;
}

}  // namespace

int main() {
  try {
    const int episodes = train();
    if (hrl_version_number() != HRL_VERSION_NUMBER || episodes != 8) return 1;
    std::cout << "libhrl " << hrl_version() << " trained " << episodes << " episodes\n";
  } catch (const std::exception &problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
