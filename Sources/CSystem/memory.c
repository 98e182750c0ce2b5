#include "CSystem.h"

#include <stdlib.h> // names the C library

#ifdef __GLIBC__
#include <malloc.h>

void csystem_release_unused(void) { malloc_trim(0); }
#else
void csystem_release_unused(void) {}
#endif
