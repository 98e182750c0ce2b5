// Calls of the operating system that Swift's modules of the C library do not show.
#ifndef CSYSTEM_H
#define CSYSTEM_H

/// Lets two files or directories change places in one step. 0, or -1 with errno.
int csystem_exchange(const char *first, const char *second);

/// Gives memory that the C library holds and nobody uses back to the system, where it has a call for that.
void csystem_release_unused(void);

/// How many cores the machine has, at least 1.
int csystem_online_cores(void);
/// How many of them the process was allowed to run on when it began.
int csystem_allowed_cores(void);

#endif
