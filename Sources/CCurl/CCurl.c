#include "CCurl.h"

bool ccurl_open(void) { return false; }
