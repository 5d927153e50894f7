# Two verbs, each enough on its own on a fresh Debian 12:
#   make train   sets up, builds, and trains a household
#   make check   sets up, builds, and runs all the tests
# Set-up installs missing Debian packages when it runs as root; otherwise it prints the
# line to run. Everything else is meson's: see README.md.

BUILD ?= build
EPISODES ?= 1000
SCENARIO ?= bologna_coppia

.PHONY: train check setup setup-check

train: setup
	@[ -e $(BUILD)/cli/hrl-train ] || echo building
	@ninja -C $(BUILD) cli/hrl-train cli/hrl-eval >/dev/null || ninja -C $(BUILD)
	@HRL_SCENARIO_PATH=scenarios $(BUILD)/cli/hrl-train $(SCENARIO) --episodes $(EPISODES)

check: setup-check
	@tests/run_check.sh $(BUILD)

setup:
	@tests/setup.sh build
	@tests/configure.sh $(BUILD) build

setup-check:
	@tests/setup.sh check
	@tests/configure.sh $(BUILD) check
