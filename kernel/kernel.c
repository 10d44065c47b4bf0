/* Arithmetic on many public points at once, for verifiers: strict decoding, sums of multiples, sums,
   signatures.

   Specified by docs/protocol.md 1.2, 2 and 8.5 and held to the same vectors as every other implementation
   (tests/protocol). One WebAssembly module without imports; the caller lays out its memory from __heap_base
   up and passes addresses. Danger: NOTHING here takes the same time for different values. Secrets go through
   surveys/protocol/secret only. */
#include "products.h"
#include "rows.h"
#include "signatures.h"

#define EXPORT(name) __attribute__((export_name(#name)))

/* Ristretto points; verdicts: 0 refused, 1 a point, 2 O. How many are refused. */
EXPORT(decode_points) u32 decode_points(const u8 *bytes, u32 n, Ready *to, u8 *verdicts) {
  u32 refused = 0;
  for (u32 i = 0; i < n; i++) {
    verdicts[i] = ristretto_decode(to + i, bytes + 32 * (u64)i);
    refused += !verdicts[i];
  }
  return refused;
}

/* Rows of ballots, strictly; the first row that does not decode, or n. */
EXPORT(decode_rows)
u32 decode_rows(const u8 *rows, u32 n, u32 levels, Ready *ciphertexts, Ready *commitments) {
  return levels < 1 || levels > MOST_LEVELS ? 0 : rows_read(rows, n, levels, ciphertexts, commitments);
}

/* The scalars of alphas, betas, G and Y in the weighted sum of decoded rows. */
EXPORT(weigh_rows)
void weigh_rows(const u8 *rows, u32 n, u32 levels, const u32 *owners, const u8 *hashes, const u8 *weights,
                u8 *scalars) {
  rows_weigh(rows, n, levels, owners, hashes, weights, scalars);
}

/* Numbers of 16 bits that `multiply_points` and `vanishes` need for n points with scalars of so many bits. */
EXPORT(digits_needed) u32 digits_needed(u32 n, u32 bits) { return product_digits(n, (int)bits); }

/* The encoding of the sum of n multiples, scalars of 32 bytes below l. */
EXPORT(multiply_points)
void multiply_points(const Ready *points, const u8 *scalars, u32 n, i16 *digits, u8 *to) {
  Point sum = product_sum(points, scalars, 32, 253, n, digits);
  ristretto_encode(to, &sum);
}

/* The same for weights of 16 bytes. */
EXPORT(weigh_points) void weigh_points(const Ready *points, const u8 *weights, u32 n, i16 *digits, u8 *to) {
  Point sum = product_sum(points, weights, 16, 128, n, digits);
  ristretto_encode(to, &sum);
}

/* Whether m multiples by weights of 16 bytes and n by scalars of 32 bytes add up to O. */
EXPORT(vanishes)
u32 vanishes(const Ready *weighed, const u8 *weights, u32 m, const Ready *points, const u8 *scalars, u32 n,
             i16 *digits) {
  Point a = product_sum(weighed, weights, 16, 128, m, digits),
        b = product_sum(points, scalars, 32, 253, n, digits);
  a = point_add(&a, &b);
  return (u32)point_is_ristretto_zero(&a);
}

/* n sums, all O. */
EXPORT(begin_sums) void begin_sums(Point *sums, u32 n) {
  for (u32 i = 0; i < n; i++) sums[i] = POINT_ZERO;
}

/* points[i] to sums[slots[i / each]·each + i % each], for count runs of `each` points. */
EXPORT(add_to_sums)
void add_to_sums(Point *sums, const Ready *points, const u32 *slots, u32 count, u32 each) {
  for (u32 i = 0; i < count; i++)
    for (u32 k = 0; k < each; k++) {
      Point *sum = sums + (u64)slots[i] * each + k;
      *sum = point_add_ready(sum, points + (u64)i * each + k);
    }
}

/* others[i] to sums[i]. */
EXPORT(join_sums) void join_sums(Point *sums, const Point *others, u32 n) {
  for (u32 i = 0; i < n; i++) sums[i] = point_add(sums + i, others + i);
}

/* The encodings of n sums. */
EXPORT(write_sums) void write_sums(const Point *sums, u32 n, u8 *to) {
  for (u32 i = 0; i < n; i++) ristretto_encode(to + 32 * (u64)i, sums + i);
}

/* The encodings of first, first + step, …, n of them. */
EXPORT(write_steps) void write_steps(const Ready *first, const Ready *step, u32 n, u8 *to) {
  Point at = point_of_ready(first);
  for (u32 i = 0; i < n; i++, at = point_add_ready(&at, step)) ristretto_encode(to + 32 * (u64)i, &at);
}

/* Whether n Ed25519 signatures hold; see signatures.h. */
EXPORT(check_signatures)
u32 check_signatures(const u8 *keys, const u8 *signatures, const u8 *hashes, const u8 *weights,
                     const u8 *chance, u32 n, Ready *points, u8 *scalars, i16 *digits) {
  return (u32)signatures_hold(keys, signatures, hashes, weights, chance, n, points, scalars, digits);
}

/* The compiler may write calls of these two for copies and clearings; there is no library to bring them. */
void *memcpy(void *to, const void *from, unsigned long n) {
  u8 *a = to;
  const u8 *b = from;
  while (n--) *a++ = *b++;
  return to;
}

void *memset(void *to, int value, unsigned long n) {
  u8 *a = to;
  while (n--) *a++ = (u8)value;
  return to;
}
