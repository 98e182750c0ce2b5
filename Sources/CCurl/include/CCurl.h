// libcurl, opened when it is first needed, so that programs that stay off the network start as fast as without it.
#ifndef CCURL_H
#define CCURL_H

#include <stdbool.h>

/// Opens libcurl and finds its functions. False when it is not installed; safe to call from any thread, any number of times.
bool ccurl_open(void);

#endif
