#include <hrl/version.h>

const char *hrl_version(void) { return HRL_VERSION_STRING; }

int hrl_version_number(void) { return HRL_VERSION_NUMBER; }
