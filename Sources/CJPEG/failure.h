#ifndef CJPEG_FAILURE_H
#define CJPEG_FAILURE_H

#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>

#include <jpeglib.h>

/// libjpeg's error manager with a way back to the function that called it; `base` comes first so that the
/// pointer libjpeg hands to the callbacks is a pointer to the whole.
typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf back;
  char *message;
} cjpeg_failure;

/// Sets the callbacks up; the caller then calls setjmp on `back`.
struct jpeg_error_mgr *cjpeg_failure_install(cjpeg_failure *failure, char *message);

#endif
