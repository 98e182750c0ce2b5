#include "CKernels.h"
#include "Vectors.h"

#include <float.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define SLIDE_8(a, b, n) __builtin_shufflevector(a, b, n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7)
#define SLIDE_16(a, b, n)                                                                                                  \
  __builtin_shufflevector(a, b, n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7, n + 8, n + 9, n + 10, n + 11, n + 12, n + 13, \
                          n + 14, n + 15)

#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#define SUFFIX avx512
#define LANES 16
#define ELEMENT float
#define READING f32
#define ELEMENT_IS_BF16 0
#define ROUGH_RSQRT(v) (vec) _mm512_rsqrt14_ps((__m512)(v))
#define SLIDE SLIDE_16
#include "LRNBody.h"

// The same with bf16, which is forward alone.
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#define SUFFIX avx512_halves
#define LANES 16
#define ELEMENT uint16_t
#define READING bf16
#define ELEMENT_IS_BF16 1
#define ROUGH_RSQRT(v) (vec) _mm512_rsqrt14_ps((__m512)(v))
#define SLIDE SLIDE_16
#include "LRNBody.h"

#define TARGET __attribute__((target("avx2,fma")))
#define SUFFIX avx2
#define LANES 8
#define ELEMENT float
#define READING f32
#define ELEMENT_IS_BF16 0
#define ROUGH_RSQRT(v) (vec) _mm256_rsqrt_ps((__m256)(v))
#define SLIDE SLIDE_8
#include "LRNBody.h"
#define HAS_KERNELS 1
#endif

int64_t cklrn_scratch_count(const cklrn_shape *s) { return 2LL * s->blocks * s->lanes * CKLRN_PIXELS; }

void cklrn_forward(const cklrn_shape *s, const void *x, void *y, int64_t first, int64_t last) {
#if HAS_KERNELS
  if (s->is_bf16)
    forward_avx512_halves(s, x, y, first, last);
  else if (s->lanes == 16)
    forward_avx512(s, x, y, first, last);
  else
    forward_avx2(s, x, y, first, last);
#endif
}

void cklrn_backward(const cklrn_shape *s, const float *x, const float *dy, float *dx, int64_t first, int64_t last, float *scratch) {
#if HAS_KERNELS
  if (s->lanes == 16)
    backward_avx512(s, x, dy, dx, first, last, scratch);
  else
    backward_avx2(s, x, dy, dx, first, last, scratch);
#endif
}
