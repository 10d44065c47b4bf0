/* Sums of many multiples, s_1·P_1 + … + s_n·P_n, by Pippenger's buckets. Variable time: public values only.

   The scalars are cut into windows of `width` bits with digits from 1 - 2^(width-1) to 2^(width-1). In a
   window every point is added to (or, for a negative digit, taken from) the bucket of its digit, and the
   buckets are summed so that bucket k counts k times. A point costs one addition a window, whatever its
   scalar. */
#ifndef PRODUCTS_H
#define PRODUCTS_H
#include "curve.h"

#define WIDEST 14
#define BUCKETS ((1 << (WIDEST - 1)) + 1)

static Point buckets[BUCKETS];
static u8 filled[BUCKETS];

/* Windows of so many bits that hold a scalar of `bits` bits; one bit more, for the carry of the highest
 * digit. */
INLINE int windows(int bits, int width) { return (bits + width) / width; }

/* The digits of n scalars of `bytes` bytes, window after window: to[w·n + i]. */
static void cut_digits(const u8 *scalars, int bytes, u32 n, int width, int count, i16 *to) {
  const i32 full = 1 << width, half = full >> 1;
  for (u32 i = 0; i < n; i++) {
    const u8 *scalar = scalars + (u64)bytes * i;
    i32 carry = 0;
    for (int w = 0; w < count; w++) {
      int bit = w * width, byte = bit >> 3;
      u32 piece = 0;
      for (int k = 0; k < 3 && byte + k < bytes; k++) piece |= (u32)scalar[byte + k] << (8 * k);
      i32 digit = (i32)((piece >> (bit & 7)) & (u32)(full - 1)) + carry;
      carry = digit > half;
      /* The highest piece is below half, for windows() left it a bit that no scalar sets: nothing is carried
       * out. */
      to[(u64)w * n + i] = (i16)(carry ? digit - full : digit);
    }
  }
}

static Point window_sum(const Ready *points, const i16 *digits, u32 n, int width) {
  int last = 1 << (width - 1);
  for (int k = 0; k <= last; k++) filled[k] = 0;
  for (u32 i = 0; i < n; i++) {
    i32 digit = digits[i], k = digit < 0 ? -digit : digit;
    if (!k) continue;
    if (!filled[k]) {
      filled[k] = 1;
      buckets[k] = POINT_ZERO;
    }
    buckets[k] =
        digit > 0 ? point_add_ready(&buckets[k], &points[i]) : point_subtract_ready(&buckets[k], &points[i]);
  }
  /* running = all buckets from k up; adding it once for every k counts bucket k k times. */
  Point running = POINT_ZERO, total = POINT_ZERO;
  int begun = 0;
  for (int k = last; k > 0; k--) {
    if (filled[k]) {
      running = point_add(&running, &buckets[k]);
      begun = 1;
    }
    if (begun) total = point_add(&total, &running);
  }
  return total;
}

/* The width with the fewest additions: one a point and about two a bucket, in every window. */
static int best_width(u32 n, int bits) {
  int best = 2;
  u64 least = ~0ULL;
  for (int width = 2; width <= WIDEST; width++) {
    u64 cost = (u64)windows(bits, width) * (n + (2ULL << (width - 1)) + (u64)width);
    if (cost < least) {
      least = cost;
      best = width;
    }
  }
  return best;
}

/* Σ scalars[i]·points[i]; `digits` has room for product_digits(n, bits) numbers. */
static Point product_sum(const Ready *points, const u8 *scalars, int bytes, int bits, u32 n, i16 *digits) {
  int width = best_width(n, bits), count = windows(bits, width);
  cut_digits(scalars, bytes, n, width, count, digits);
  Point total = POINT_ZERO;
  for (int w = count - 1; w >= 0; w--) {
    if (w != count - 1)
      for (int i = 0; i < width; i++) total = point_double(&total);
    Point one = window_sum(points, digits + (u64)w * n, n, width);
    total = point_add(&total, &one);
  }
  return total;
}

/* Numbers of i16 that product_sum needs. */
static u32 product_digits(u32 n, int bits) { return n * (u32)windows(bits, best_width(n, bits)); }
#endif
