/* Integers modulo l = 2^252 + delta, the order of the group, in four words; sums of products in eight.
   Variable time: public values only. */
#ifndef SCALAR_H
#define SCALAR_H
#include "words.h"

typedef struct {
  u64 word[4];
} Scalar;

/* A sum that is not reduced yet, below 2^512. */
typedef struct {
  u64 word[8];
} Sum;

static const u64 DELTA[2] = {0x5812631a5cf5d3ed, 0x14def9dea2f79cd6};
static const Scalar ORDER = {{0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000}};
#define BELOW_252 0x0fffffffffffffff

INLINE Scalar scalar_read(const u8 *from) {
  Scalar r;
  for (int i = 0; i < 4; i++) r.word[i] = word_read(from + 8 * i);
  return r;
}

INLINE void scalar_write(u8 *to, const Scalar *a) {
  for (int i = 0; i < 4; i++) word_write(to + 8 * i, a->word[i]);
}

static int scalar_is_reduced(const Scalar *a) {
  for (int i = 3; i >= 0; i--)
    if (a->word[i] != ORDER.word[i]) return a->word[i] < ORDER.word[i];
  return 0;
}

/* a + b without reduction; the sum of two numbers below 2^255 fits. */
INLINE Scalar scalar_plain_add(const Scalar *a, const Scalar *b) {
  Scalar r;
  u64 carry = 0;
  for (int i = 0; i < 4; i++) {
    u128 t = (u128)a->word[i] + b->word[i] + carry;
    r.word[i] = (u64)t;
    carry = (u64)(t >> 64);
  }
  return r;
}

/* a - b for a >= b. */
INLINE Scalar scalar_plain_subtract(const Scalar *a, const Scalar *b) {
  Scalar r;
  u64 borrow = 0;
  for (int i = 0; i < 4; i++) {
    u128 t = (u128)a->word[i] - b->word[i] - borrow;
    r.word[i] = (u64)t;
    borrow = (u64)(t >> 64) & 1;
  }
  return r;
}

/* Both reduced -> reduced. */
static Scalar scalar_add(const Scalar *a, const Scalar *b) {
  Scalar r = scalar_plain_add(a, b);
  return scalar_is_reduced(&r) ? r : scalar_plain_subtract(&r, &ORDER);
}

static Scalar scalar_negate(const Scalar *a) {
  if (!(a->word[0] | a->word[1] | a->word[2] | a->word[3])) return *a;
  return scalar_plain_subtract(&ORDER, a);
}

static Scalar scalar_subtract(const Scalar *a, const Scalar *b) {
  Scalar minus = scalar_negate(b);
  return scalar_add(a, &minus);
}

/* sum += a·2^(64·at), the carry running on as far as it goes. */
INLINE void sum_add_word(Sum *sum, u64 a, int at) {
  for (; a && at < 8; at++) {
    u128 t = (u128)sum->word[at] + a;
    sum->word[at] = (u64)t;
    a = (u64)(t >> 64);
  }
}

/* sum += weight·a for a weight of 128 bits: below 2^381 each, so hundreds of them fit. */
INLINE void sum_add_product(Sum *sum, const u64 weight[2], const Scalar *a) {
  for (int i = 0; i < 2; i++) {
    u64 carry = 0;
    for (int j = 0; j < 4; j++) {
      u128 t = (u128)weight[i] * a->word[j] + sum->word[i + j] + carry;
      sum->word[i + j] = (u64)t;
      carry = (u64)(t >> 64);
    }
    sum_add_word(sum, carry, i + 4);
  }
}

/* sum += other·2^shift; the caller sees to it that nothing is lost at the top. */
static void sum_add_shifted(Sum *sum, const Sum *other, int shift) {
  int words = shift / 64, bits = shift % 64;
  u64 carry = 0;
  for (int i = words; i < 8; i++) {
    u64 low = other->word[i - words], below = i > words ? other->word[i - words - 1] : 0;
    u64 part = bits ? (low << bits) | (below >> (64 - bits)) : low;
    u128 t = (u128)sum->word[i] + part + carry;
    sum->word[i] = (u64)t;
    carry = (u64)(t >> 64);
  }
}

/* sum mod l. With sum = high·2^252 + low and 2^252 = -delta, sum = low - high·delta; what is taken away is
   again split like that, so the lows are added and taken away in turn until nothing is left above bit 252.
   Each turn takes 127 bits: at most five. */
static Scalar sum_reduce(const Sum *sum) {
  Sum rest = *sum;
  Scalar total = {{0}};
  for (int away = 0;; away ^= 1) {
    Scalar low = {{rest.word[0], rest.word[1], rest.word[2], rest.word[3] & BELOW_252}};
    /* low < 2^252 < l: reduced as it is. */
    total = away ? scalar_subtract(&total, &low) : scalar_add(&total, &low);
    u64 high[5];
    u64 left = 0;
    for (int i = 0; i < 5; i++) {
      high[i] = (rest.word[3 + i] >> 60) | (i < 4 ? rest.word[4 + i] << 4 : 0);
      left |= high[i];
    }
    if (!left) return total;
    Sum product = {{0}};
    for (int i = 0; i < 5; i++) {
      u64 carry = 0;
      for (int j = 0; j < 2; j++) {
        u128 t = (u128)high[i] * DELTA[j] + product.word[i + j] + carry;
        product.word[i + j] = (u64)t;
        carry = (u64)(t >> 64);
      }
      sum_add_word(&product, carry, i + 2);
    }
    rest = product;
  }
}

/* 64 bytes by wide reduction (docs/protocol.md 2.3). */
static Scalar scalar_of_hash(const u8 *from) {
  Sum sum;
  for (int i = 0; i < 8; i++) sum.word[i] = word_read(from + 8 * i);
  return sum_reduce(&sum);
}
#endif
