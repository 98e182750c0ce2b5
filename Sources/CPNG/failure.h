#ifndef CPNG_FAILURE_H
#define CPNG_FAILURE_H

#include <setjmp.h>

#include <png.h>

/// Where libpng's error callback writes its message and jumps to.
typedef struct {
  jmp_buf back;
  char *message;
} cpng_failure;

/// libpng's error callback: copies the message and jumps back.
void cpng_leave(png_structp png, png_const_charp message);

/// libpng's warning callback: warnings concern chunks that change no pixel here.
void cpng_ignore(png_structp png, png_const_charp message);

#endif
