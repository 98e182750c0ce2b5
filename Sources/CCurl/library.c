#include "library.h"
#include "CCurl.h"

#include <dlfcn.h>
#include <pthread.h>

ccurl_library ccurl;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool is_open;

static void *open_library(void) {
  static const char *const names[] = {
#ifdef __APPLE__
      "/usr/lib/libcurl.4.dylib",
      "libcurl.4.dylib",
#else
      "libcurl.so.4",
      "libcurl-gnutls.so.4",
#endif
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (library) return library;
  }
  return NULL;
}

// A function pointer is stored through a pointer to void *, as POSIX describes for dlsym.
static bool find(void *library, const char *name, void *function) {
  *(void **)function = dlsym(library, name);
  return *(void **)function != NULL;
}

static void open_once(void) {
  void *library = open_library();
  is_open = library && find(library, "curl_global_init", &ccurl.global_init) &&
            find(library, "curl_easy_init", &ccurl.easy_init) && find(library, "curl_easy_setopt", &ccurl.easy_setopt) &&
            find(library, "curl_easy_perform", &ccurl.easy_perform) && find(library, "curl_easy_getinfo", &ccurl.easy_getinfo) &&
            find(library, "curl_easy_cleanup", &ccurl.easy_cleanup) && find(library, "curl_easy_strerror", &ccurl.easy_strerror) &&
            find(library, "curl_slist_append", &ccurl.slist_append) &&
            find(library, "curl_slist_free_all", &ccurl.slist_free_all) && ccurl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

bool ccurl_open(void) {
  pthread_once(&once, open_once);
  return is_open;
}
