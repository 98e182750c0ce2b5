#include "failure.h"

#include <stdio.h>

#include "cpng.h"

void cpng_leave(png_structp png, png_const_charp message) {
  cpng_failure *failure = png_get_error_ptr(png);
  snprintf(failure->message, CPNG_MESSAGE_SIZE, "%s", message);
  longjmp(failure->back, 1);
}

void cpng_ignore(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}
