/* Many strict Ed25519 signatures at once (docs/protocol.md 1.2): the cofactorless equation S·B = R + h·A of
   each.

   A weighted sum alone would forget the small part of a point: a key or R that is the sum of a point of the
   large group and one of order 2, 4 or 8 fails the equation by that small part, and one weight in two to
   eight hides it. So first every A and R is shown to have no small part; in the large group, of prime order,
   the weighted sum says it all. Whoever fails here has not failed 1.2 yet: the caller then asks one signature
   after another. Variable time: public values only. */
#ifndef SIGNATURES_H
#define SIGNATURES_H
#include "products.h"
#include "scalar.h"

/* B has y = 4/5 and an even x. */
static const u8 EDWARDS_BASE[32] = {0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66};
#define SUBSETS 128
#define BLOCK 6

static Point subset_sums[SUBSETS];
static Point block_sums[1 << BLOCK];

/* l·p = 2^252·p + delta·p. */
static int is_of_large_order(const Point *p) {
  Point r = *p;
  for (int bit = 251; bit >= 0; bit--) {
    r = point_double(&r);
    if (bit < 128 && (DELTA[bit >> 6] >> (bit & 63)) & 1) r = point_add(&r, p);
  }
  return point_is_zero(&r);
}

/* Whether no point has a small part. `chance` holds 128 random bits a point, which say of which of 128
   subsets it is. If a point has a small part, the small parts of a random subset do not cancel with chance
   1/2 or more: all 128 subset sums are in the large group with chance 2^-128 at most. Blocks of six points
   share the sums of their 64 subsets. */
static int all_of_large_order(const Ready *points, u32 n, const u8 *chance) {
  for (int j = 0; j < SUBSETS; j++) subset_sums[j] = POINT_ZERO;
  for (u32 from = 0; from < n; from += BLOCK) {
    u32 count = n - from < BLOCK ? n - from : BLOCK;
    block_sums[0] = POINT_ZERO;
    for (u32 i = 0; i < count; i++)
      for (u32 k = 0; k < 1U << i; k++)
        block_sums[(1U << i) + k] = point_add_ready(&block_sums[k], &points[from + i]);
    for (u32 j = 0; j < SUBSETS; j++) {
      u32 subset = 0;
      for (u32 i = 0; i < count; i++)
        subset |= (u32)((chance[16 * (u64)(from + i) + (j >> 3)] >> (j & 7)) & 1) << i;
      if (subset) subset_sums[j] = point_add(&subset_sums[j], &block_sums[subset]);
    }
  }
  for (int j = 0; j < SUBSETS; j++)
    if (!is_of_large_order(&subset_sums[j])) return 0;
  return 1;
}

/* n keys (32 bytes), signatures (64), hashes SHA-512(R ‖ A ‖ m) (64), weights (16) and chances (32, see
   above). Room: 2n + 1 points, n + 1 scalars, digits. 1 when all hold. */
static int signatures_hold(const u8 *keys, const u8 *signatures, const u8 *hashes, const u8 *weights,
                           const u8 *chance, u32 n, Ready *points, u8 *scalars, i16 *digits) {
  Ready *own = points + n;
  Scalar on_base = {{0}};
  if (!edwards_decode(own + n, EDWARDS_BASE)) return 0;
  for (u32 i = 0; i < n; i++) {
    const u8 *signature = signatures + 64 * (u64)i;
    Scalar s = scalar_read(signature + 32), h = scalar_of_hash(hashes + 64 * (u64)i);
    if (!scalar_is_reduced(&s) || !edwards_decode(points + i, signature)) return 0;
    if (!edwards_decode(own + i, keys + 32 * (u64)i)) return 0;
    u64 weight[2] = {word_read(weights + 16 * (u64)i), word_read(weights + 16 * (u64)i + 8)};
    Sum on_key = {{0}}, part = {{0}};
    sum_add_product(&on_key, weight, &h);
    sum_add_product(&part, weight, &s);
    Scalar done = sum_reduce(&on_key);
    scalar_write(scalars + 32 * (u64)i, &done);
    done = sum_reduce(&part);
    on_base = scalar_add(&on_base, &done);
  }
  on_base = scalar_negate(&on_base);
  scalar_write(scalars + 32 * (u64)n, &on_base);
  if (!all_of_large_order(points, 2 * n, chance)) return 0;
  Point a = product_sum(points, weights, 16, 128, n, digits);
  Point b = product_sum(own, scalars, 32, 253, n + 1, digits);
  a = point_add(&a, &b);
  return point_is_zero(&a);
}
#endif
