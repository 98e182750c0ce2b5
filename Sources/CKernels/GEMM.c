#include "CKernels.h"
#include "Vectors.h"

// Lines of b that are packed at once: at most 64 KiB of a panel.
#define DEPTH 256
// Rows of a that lie across, and are turned once for all panels.
#define MOST_TURNED CKERNELS_TURNED_ROWS

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#define SUFFIX avx512
#define LANES 16
#define WIDE 4
#define INTERLEAVE_LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define INTERLEAVE_HIGH(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#include "GEMMBody.h"

#define TARGET __attribute__((target("avx2,fma")))
#define SUFFIX avx2
#define LANES 8
#define WIDE 2
#define INTERLEAVE_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define INTERLEAVE_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#include "GEMMBody.h"
#endif

#define TARGET
#define SUFFIX generic
#define LANES 4
#define WIDE 2
#define INTERLEAVE_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define INTERLEAVE_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#include "GEMMBody.h"

void ckernels_gemm(int instruction_set, const ckgemm *g) {
#if defined(__x86_64__)
  if (instruction_set == CKERNELS_AVX512) return gemm_avx512(g);
  if (instruction_set == CKERNELS_AVX2) return gemm_avx2(g);
#endif
  gemm_generic(g);
}
