#define _GNU_SOURCE
#include "CMPI.h"

#include <sched.h>

int cmpi_bound_cores(void) {
#ifdef __linux__
  cpu_set_t cores;
  return sched_getaffinity(0, sizeof cores, &cores) ? 0 : CPU_COUNT(&cores);
#else
  return 0;
#endif
}
