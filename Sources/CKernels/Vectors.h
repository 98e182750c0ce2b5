// What the bodies of kernels are written in: vectors of LANES floats.
#define JOIN2(a, b) a##_##b
#define JOIN(a, b) JOIN2(a, b)
#define NAME(name) JOIN(name, SUFFIX)
#define INLINE static inline __attribute__((always_inline)) TARGET
// For what there is once per type of element.
#define READ(name) JOIN(NAME(name), READING)
