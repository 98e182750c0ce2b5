#include "CArchive.h"

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

// The functions of libarchive that this module calls, found at run time.
static struct {
  struct archive *(*read_new)(void);
  int (*support_zip)(struct archive *);
  int (*support_tar)(struct archive *);
  int (*support_gzip)(struct archive *);
  int (*open_memory)(struct archive *, const void *, size_t);
  int (*next_header)(struct archive *, struct archive_entry **);
  la_ssize_t (*read_data)(struct archive *, void *, size_t);
  int (*read_free)(struct archive *);
  const char *(*pathname)(struct archive_entry *);
  const char *(*hardlink)(struct archive_entry *);
  __LA_MODE_T (*filetype)(struct archive_entry *);
} library;

struct carchive_reader {
  struct archive *archive;
  struct archive_entry *entry;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool is_open;

// A function pointer is stored through a pointer to void *, as POSIX describes for dlsym.
static bool find(void *handle, const char *name, void *function) {
  *(void **)function = dlsym(handle, name);
  return *(void **)function != NULL;
}

static void open_once(void) {
#ifdef __APPLE__
  void *handle = dlopen("/usr/lib/libarchive.2.dylib", RTLD_NOW | RTLD_LOCAL);
#else
  void *handle = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);
#endif
  is_open = handle && find(handle, "archive_read_new", &library.read_new) &&
            find(handle, "archive_read_support_format_zip", &library.support_zip) &&
            find(handle, "archive_read_support_format_tar", &library.support_tar) &&
            find(handle, "archive_read_support_filter_gzip", &library.support_gzip) &&
            find(handle, "archive_read_open_memory", &library.open_memory) &&
            find(handle, "archive_read_next_header", &library.next_header) &&
            find(handle, "archive_read_data", &library.read_data) && find(handle, "archive_read_free", &library.read_free) &&
            find(handle, "archive_entry_pathname", &library.pathname) &&
            find(handle, "archive_entry_hardlink", &library.hardlink) &&
            find(handle, "archive_entry_filetype", &library.filetype);
}

bool carchive_open(void) {
  pthread_once(&once, open_once);
  return is_open;
}

carchive_reader *carchive_new(const uint8_t *bytes, size_t length) {
  carchive_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return NULL;
  reader->archive = library.read_new();
  if (reader->archive && library.support_zip(reader->archive) == ARCHIVE_OK &&
      library.support_tar(reader->archive) == ARCHIVE_OK && library.support_gzip(reader->archive) == ARCHIVE_OK &&
      library.open_memory(reader->archive, bytes, length) == ARCHIVE_OK)
    return reader;
  carchive_free(reader);
  return NULL;
}

void carchive_free(carchive_reader *reader) {
  if (reader->archive) library.read_free(reader->archive);
  free(reader);
}

carchive_state carchive_next(carchive_reader *reader) {
  switch (library.next_header(reader->archive, &reader->entry)) {
  case ARCHIVE_OK:
  case ARCHIVE_WARN: return CARCHIVE_MORE;
  case ARCHIVE_EOF: return CARCHIVE_END;
  default: return CARCHIVE_BROKEN;
  }
}

const char *carchive_path(carchive_reader *reader) { return library.pathname(reader->entry); }

carchive_kind carchive_entry_kind(carchive_reader *reader) {
  if (library.hardlink(reader->entry)) return CARCHIVE_OTHER;
  switch (library.filetype(reader->entry)) {
  case AE_IFREG: return CARCHIVE_FILE;
  case AE_IFDIR: return CARCHIVE_DIRECTORY;
  default: return CARCHIVE_OTHER;
  }
}

ptrdiff_t carchive_read(carchive_reader *reader, uint8_t *bytes, size_t length) {
  return library.read_data(reader->archive, bytes, length);
}
