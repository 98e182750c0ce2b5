// Filters in panels: parts of the output channels, with a function for each number of blocks q in a panel and each number of rows (tiles or
// pixels) whose sums fit into registers beside them.

// Blocks of output channels are shared out evenly over the panels.
static inline int block_of_panel(int panel, int panels, int blocks) { return (int64_t)panel * blocks / panels; }

#define LIST_6(F, q) F(q, 1) F(q, 2) F(q, 3) F(q, 4) F(q, 5) F(q, 6)
#define LIST_8(F, q) LIST_6(F, q) F(q, 7) F(q, 8)
#define LIST_9(F, q) LIST_8(F, q) F(q, 9)
#define LIST_12(F, q) LIST_9(F, q) F(q, 10) F(q, 11) F(q, 12)
#define LIST_14(F, q) LIST_12(F, q) F(q, 13) F(q, 14)
#define CELLS_6(N, q) \
  N(product_##q##_1), N(product_##q##_2), N(product_##q##_3), N(product_##q##_4), N(product_##q##_5), N(product_##q##_6)
#define CELLS_8(N, q) CELLS_6(N, q), N(product_##q##_7), N(product_##q##_8)
#define CELLS_9(N, q) CELLS_8(N, q), N(product_##q##_9)
#define CELLS_12(N, q) CELLS_9(N, q), N(product_##q##_10), N(product_##q##_11), N(product_##q##_12)
#define CELLS_14(N, q) CELLS_12(N, q), N(product_##q##_13), N(product_##q##_14)
