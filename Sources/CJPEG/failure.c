#include "failure.h"

#include <jerror.h>

#include "cjpeg.h"

_Static_assert(CJPEG_MESSAGE_SIZE >= JMSG_LENGTH_MAX, "libjpeg's longest message must fit");

static void leave(j_common_ptr codec) {
  cjpeg_failure *failure = (cjpeg_failure *)codec->err;
  codec->err->format_message(codec, failure->message);
  longjmp(failure->back, 1);
}

/// A file that ends early would otherwise decode to gray bars with a mere warning. Other warnings (stray bytes
/// between segments) are common in good files and change no pixel.
static void judge(j_common_ptr codec, int level) {
  if (level < 0 && codec->err->msg_code == JWRN_JPEG_EOF) leave(codec);
}

static void discard(j_common_ptr codec) { (void)codec; }

struct jpeg_error_mgr *cjpeg_failure_install(cjpeg_failure *failure, char *message) {
  struct jpeg_error_mgr *base = jpeg_std_error(&failure->base);
  base->error_exit = leave;
  base->emit_message = judge;
  base->output_message = discard;
  failure->message = message;
  return base;
}
