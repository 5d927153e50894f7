/* hrl-train - trains the agents of a household. */
#include "train/program.h"

int main(int argc, char **argv) {
  static const struct train_program program = {"hrl-train", "hrl-train", "hrl-train",
                                               NULL};
  return train_program_run(&program, argc, argv);
}
