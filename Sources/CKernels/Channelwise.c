#include "CKernels.h"
#include "Vectors.h"

#include <string.h>

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#define SUFFIX avx512
#define LANES 16
#include "ChannelwiseBody.h"

#define TARGET __attribute__((target("avx2,fma")))
#define SUFFIX avx2
#define LANES 8
#include "ChannelwiseBody.h"
#define HAS_KERNELS 1
#endif

void ckchannel_map(const ckchannel_block *block, const float *x, float *y, int64_t pixels) {
#if HAS_KERNELS
  if (block->lanes == 16)
    map_avx512(block, x, y, pixels);
  else
    map_avx2(block, x, y, pixels);
#endif
}
