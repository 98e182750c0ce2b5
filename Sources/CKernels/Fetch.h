// Reading ahead: numbers that will be wanted soon are brought near the core while others are worked on, some at each step, since the
// lines that a core waits for at a time are few.
typedef struct {
  const float *start;
  int lines; // at each step
} fetch;

enum { FETCH_LINE = 64 / sizeof(float) };

// Lines of filters that products fetch ahead of the one that is read.
enum { FETCH_AHEAD = 4 };

// What is to be fetched in one of some groups of steps.
static inline fetch fetch_part(const float *start, int64_t count, int64_t group, int64_t groups, int64_t steps) {
  int64_t lines = (count / FETCH_LINE + groups * steps - 1) / (groups * steps);
  return (fetch){start + group * steps * lines * FETCH_LINE, (int)lines};
}

static inline __attribute__((always_inline)) void fetch_some(fetch *f) {
  for (int line = 0; line < f->lines; line++, f->start += FETCH_LINE) __builtin_prefetch(f->start, 0, 2);
}
