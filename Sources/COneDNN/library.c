#define _GNU_SOURCE
#include "library.h"

#include "COneDNN.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT2(x) #x
#define TEXT(x) TEXT2(x)
#ifdef __APPLE__
#define FILE_NAME "libdnnl." TEXT(DNNL_VERSION_MAJOR) ".dylib"
#else
#define FILE_NAME "libdnnl.so." TEXT(DNNL_VERSION_MAJOR)
#endif

cdnn_library dnnl;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_open;
static char reason[512] = "";

// GNU's OpenMP spins for milliseconds before a thread sleeps. Where another program has one of the cores, all threads then wait
// for the one that shares its core with it. A thousand rounds, 16 to 60 microseconds by how long a CPU's pause is, bridge most gaps between
// kernels: GoogLeNet takes as long as with four thousand, and beside a busy process two thirds of the time; with 300 it takes 1.09 times as
// long. The variable is read when the runtime is loaded; it is set here, before there are threads, unless the user has settled the matter.
__attribute__((constructor)) static void bound_spinning(void) {
  if (!getenv("OMP_WAIT_POLICY")) setenv("GOMP_SPINCOUNT", "1000", 0);
}

static void *open_library(void) {
  static const char *const names[] = {
      FILE_NAME,
#ifdef __APPLE__
      "/opt/homebrew/lib/" FILE_NAME,
      "/usr/local/lib/" FILE_NAME,
#endif
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    // Global, so that the OpenMP runtime that comes with it is found as well.
    void *library = dlopen(names[i], RTLD_NOW | RTLD_GLOBAL);
    if (library) return library;
  }
  const char *error = dlerror();
  snprintf(reason, sizeof reason, "%s", error ? error : FILE_NAME " is not there");
  return NULL;
}

static void open_once(void) {
  void *library = open_library();
  if (!library) return;
  is_open = 1;
#define FIND(name)                                                                         \
  *(void **)&dnnl.name = dlsym(library, "dnnl_" #name);                                    \
  if (is_open && !dnnl.name) {                                                             \
    snprintf(reason, sizeof reason, "%s has no function dnnl_%s", FILE_NAME, #name);       \
    is_open = 0;                                                                           \
  }
  FUNCTIONS(FIND)
#undef FIND
  if (is_open) return;
  dnnl = (cdnn_library){0};
  dlclose(library);
}

int cdnn_open(void) {
  pthread_once(&once, open_once);
  return is_open;
}

const char *cdnn_reason(void) { return reason; }
