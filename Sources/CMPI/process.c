#include "CMPI.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// Whether a process is Open MPI's: mpirun, or the daemon that it has on other hosts.
static int is_launcher(pid_t process) {
  static const char *const names[] = {"mpirun", "mpiexec", "orterun", "orted"};
  char path[64], name[16] = "";
  snprintf(path, sizeof path, "/proc/%d/comm", (int)process);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  int found = 0;
  if (fscanf(file, "%15s", name) == 1)
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) found |= strcmp(name, names[i]) == 0;
  fclose(file);
  return found;
}

void cmpi_end_launcher(void) {
  const pid_t launcher = getppid();
  if (!is_launcher(launcher) || fork() != 0) return;
  // In a process of its own: the launcher ends this one first. At the first signal it asks the hosts that are gone to end, and waits
  // for them; a second one soon after makes it end at once.
  setsid();
  for (int i = 0; i < 3 && kill(launcher, SIGTERM) == 0; i++) sleep(2);
  kill(launcher, SIGKILL);
  _exit(0);
}
