#define _GNU_SOURCE
#include "CSystem.h"

#include <sched.h>
#include <unistd.h>

int csystem_online_cores(void) {
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  return cores > 0 ? (int)cores : 1;
}

int csystem_allowed_cores(void) {
#ifdef __linux__
  // Fails on machines of more than 1,024 cores, for which the set has no room.
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores) == 0) return CPU_COUNT(&cores);
#endif
  return csystem_online_cores();
}
