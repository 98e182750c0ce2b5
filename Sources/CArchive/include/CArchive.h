// libarchive, opened when it is first needed: a program that unpacks nothing starts as fast as without it.
#ifndef CARCHIVE_H
#define CARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// An archive in memory that is read entry by entry: zip, tar, and tar packed by gzip.
typedef struct carchive_reader carchive_reader;

/// What kind of thing an entry is.
typedef enum { CARCHIVE_FILE, CARCHIVE_DIRECTORY, CARCHIVE_OTHER } carchive_kind;

/// What a call found.
typedef enum { CARCHIVE_MORE, CARCHIVE_END, CARCHIVE_BROKEN } carchive_state;

/// Opens libarchive and finds its functions. False when it is not installed; safe from any thread, any number of times.
bool carchive_open(void);

/// A reader of bytes that must stay where they are; null when they are no archive or memory is short.
carchive_reader *carchive_new(const uint8_t *bytes, size_t length);
void carchive_free(carchive_reader *reader);

/// Goes to the next entry.
carchive_state carchive_next(carchive_reader *reader);
/// The entry's path as bytes, null when it has none; until the next entry.
const char *carchive_path(carchive_reader *reader);
carchive_kind carchive_entry_kind(carchive_reader *reader);
/// Reads a piece of the entry: its length, 0 at the end, negative when it is broken.
ptrdiff_t carchive_read(carchive_reader *reader, uint8_t *bytes, size_t length);

#endif
