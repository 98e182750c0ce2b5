// What bodies for images in blocks do with vectors of LANES floats for one instruction set: TARGET, SUFFIX and LANES are given.

typedef float NAME(vec) __attribute__((vector_size(LANES * 4), aligned(4)));
#define vec NAME(vec)
typedef int32_t NAME(mask) __attribute__((vector_size(LANES * 4)));

INLINE vec NAME(load)(const float *p) { return *(const vec *)p; }
INLINE void NAME(store)(float *p, vec v) { *(vec *)p = v; }

// The lanes of `bent` where those of `v` are negative, else those of `v`; what is no number stays none.
INLINE vec NAME(bent_below_zero)(vec v, vec bent) {
  NAME(mask) negative = v < 0;
  return (vec)((~negative & (NAME(mask))v) | (negative & (NAME(mask))bent));
}

INLINE vec NAME(rectified)(vec v, float slope) { return NAME(bent_below_zero)(v, v * slope); }
