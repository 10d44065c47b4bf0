/* The rows of ballots (docs/protocol.md 8.1, 8.5): (alpha, beta), commitments (a_j, b_j) for j = 0…L,
   challenges c_1…c_L, responses z_0…z_L, 32 bytes each. Variable time: public values only. */
#ifndef ROWS_H
#define ROWS_H
#include "curve.h"
#include "scalar.h"

#define MOST_LEVELS 5
/* v_j·G is 2^(24(j-1))·G: three bytes a level. */
#define PACKING_BITS 24

INLINE u32 row_bytes(u32 levels) { return 64 + 64 * (levels + 1) + 32 * levels + 32 * (levels + 1); }

/* Strictly, every point and scalar of n rows (2.1, 2.2; O nowhere). The points go apart, for their scalars
   differ in length: 2 of the ciphertext, 2(L+1) of the commitments a row. The first row that does not decode,
   or n. */
static u32 rows_read(const u8 *rows, u32 n, u32 levels, Ready *ciphertexts, Ready *commitments) {
  u32 size = row_bytes(levels), own = 2 * (levels + 1), scalars = 2 * levels + 1;
  for (u32 r = 0; r < n; r++) {
    const u8 *at = rows + (u64)size * r;
    for (u32 i = 0; i < 2; i++, at += 32)
      if (ristretto_decode(ciphertexts + 2 * (u64)r + i, at) != 1) return r;
    for (u32 i = 0; i < own; i++, at += 32)
      if (ristretto_decode(commitments + own * (u64)r + i, at) != 1) return r;
    for (u32 i = 0; i < scalars; i++, at += 32) {
      Scalar scalar = scalar_read(at);
      if (!scalar_is_reduced(&scalar)) return r;
    }
  }
  return n;
}

/* The weighted sum of all equations of n rows that have been read. With weights p and q of equation j,
     p(a_j + c_j·alpha - z_j·G) + q(b_j + c_j·beta - c_j·v_j·G - z_j·Y),
   a_j and b_j have the weights themselves as scalars; what alpha, beta, G and Y have is written to `scalars`:
   two a row, then G's and Y's. owners[r] is the ballot of row r, and hashes[64·owner] its challenge before
   reduction. */
static void rows_weigh(const u8 *rows, u32 n, u32 levels, const u32 *owners, const u8 *hashes,
                       const u8 *weights, u8 *scalars) {
  Scalar on_g = {{0}}, on_y = {{0}}, whole = {{0}};
  u32 size = row_bytes(levels), owner = ~0U;
  for (u32 r = 0; r < n; r++) {
    const u8 *challenges = rows + (u64)size * r + 64 + 64 * (levels + 1),
             *responses = challenges + 32 * levels;
    if (owners[r] != owner) {
      owner = owners[r];
      whole = scalar_of_hash(hashes + 64 * (u64)owner);
    }
    /* c_0 is what the others leave of the ballot's challenge. */
    Scalar first = whole;
    for (u32 j = 0; j < levels; j++) {
      Scalar each = scalar_read(challenges + 32 * j);
      first = scalar_subtract(&first, &each);
    }
    Sum alpha = {{0}}, beta = {{0}}, g = {{0}}, y = {{0}};
    for (u32 j = 0; j <= levels; j++, weights += 32) {
      u64 p[2] = {word_read(weights), word_read(weights + 8)},
          q[2] = {word_read(weights + 16), word_read(weights + 24)};
      Scalar c = j ? scalar_read(challenges + 32 * (j - 1)) : first, z = scalar_read(responses + 32 * j);
      sum_add_product(&alpha, p, &c);
      sum_add_product(&beta, q, &c);
      sum_add_product(&g, p, &z);
      sum_add_product(&y, q, &z);
      if (j) {
        Sum value = {{0}};
        sum_add_product(&value, q, &c);
        sum_add_shifted(&g, &value, PACKING_BITS * (int)(j - 1)); /* at most 381 + 96 bits */
      }
    }
    Scalar done = sum_reduce(&alpha);
    scalar_write(scalars + 64 * (u64)r, &done);
    done = sum_reduce(&beta);
    scalar_write(scalars + 64 * (u64)r + 32, &done);
    done = sum_reduce(&g);
    on_g = scalar_add(&on_g, &done);
    done = sum_reduce(&y);
    on_y = scalar_add(&on_y, &done);
  }
  on_g = scalar_negate(&on_g);
  on_y = scalar_negate(&on_y);
  scalar_write(scalars + 64 * (u64)n, &on_g);
  scalar_write(scalars + 64 * (u64)n + 32, &on_y);
}
#endif
