/* A program that was built without the page. */
#include "serve/http/assets.h"

const struct asset assets[1] = {{0}};
const size_t asset_count = 0;
