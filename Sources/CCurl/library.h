// The functions of libcurl that this module calls, found at run time.
#ifndef CCURL_LIBRARY_H
#define CCURL_LIBRARY_H

#include <curl/curl.h>

// curl.h wraps these names in type-checking macros, which do not work on members of a structure.
#undef curl_easy_setopt
#undef curl_easy_getinfo

typedef struct {
  CURLcode (*global_init)(long flags);
  CURL *(*easy_init)(void);
  CURLcode (*easy_setopt)(CURL *handle, CURLoption option, ...);
  CURLcode (*easy_perform)(CURL *handle);
  CURLcode (*easy_getinfo)(CURL *handle, CURLINFO info, ...);
  void (*easy_cleanup)(CURL *handle);
  const char *(*easy_strerror)(CURLcode code);
  struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
  void (*slist_free_all)(struct curl_slist *list);
} ccurl_library;

/// The functions; all null until `ccurl_open` has returned true.
extern ccurl_library ccurl;

#endif
