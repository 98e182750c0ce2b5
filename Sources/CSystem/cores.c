#define _GNU_SOURCE
#include "CSystem.h"

#include <sched.h>
#include <unistd.h>

int csystem_online_cores(void) {
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  return cores > 0 ? (int)cores : 1;
}

static int allowed;

// Before there are threads, and before OpenMP's runtime is loaded, which binds the first thread to one core where it is told to
// (OMP_PROC_BIND).
__attribute__((constructor)) static void count_allowed(void) {
  allowed = csystem_online_cores();
#ifdef __linux__
  // Fails on machines of more than 1,024 cores, for which the set has no room.
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores) == 0) allowed = CPU_COUNT(&cores);
#endif
}

int csystem_allowed_cores(void) { return allowed; }
