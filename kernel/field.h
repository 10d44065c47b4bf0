/* Numbers modulo p = 2^255 - 19, in five limbs of 51 bits.

   Every function says what size of limb it takes and gives. "Tidy" is below 2^51 + 2^14 (what a product
   gives); "loose" is below 2^54 (what a product takes). Danger: a sum of two loose numbers no longer fits a
   product. Variable time: public values only. */
#ifndef FIELD_H
#define FIELD_H
#include "words.h"

typedef struct {
  u64 limb[5];
} Field;

#define LIMB ((1ULL << 51) - 1)
/* 4p limb by limb: added before a subtraction, so that no limb goes below zero. */
#define FOUR_P_0 (4 * ((1ULL << 51) - 19))
#define FOUR_P_REST (4 * LIMB)

static const Field FIELD_ZERO = {{0}};
static const Field FIELD_ONE = {{1}};
/* d = -121665/121666 of the curve, 2d, a square root of -1, -1, minus that root, and 1/sqrt(-1 - d) (RFC
   9496, 4.1). tests/protocol/test_kernel.py derives each. */
static const Field D = {
    {929955233495203, 466365720129213, 1662059464998953, 2033849074728123, 1442794654840575}};
static const Field D2 = {
    {1859910466990425, 932731440258426, 1072319116312658, 1815898335770999, 633789495995903}};
static const Field ROOT = {
    {1718705420411056, 234908883556509, 2233514472574048, 2117202627021982, 765476049583133}};
static const Field MINUS_ONE = {{LIMB - 19, LIMB, LIMB, LIMB, LIMB}};
static const Field MINUS_ROOT = {
    {533094393274173, 2016890930128738, 18285341111199, 134597186663265, 1486323764102114}};
static const Field ROOT_OF_A_MINUS_D = {
    {278908739862762, 821645201101625, 8113234426968, 1777959178193151, 2118520810568447}};

#define WIDE(a, b) ((u128)(a) * (b))

/* The columns of a product, each below 2^115, to a tidy number. The last carry is below 2^60, so 19 times it
 * fits. */
INLINE Field field_columns(u128 c0, u128 c1, u128 c2, u128 c3, u128 c4) {
  Field r;
  c1 += (u64)(c0 >> 51);
  c2 += (u64)(c1 >> 51);
  c3 += (u64)(c2 >> 51);
  c4 += (u64)(c3 >> 51);
  u64 first = ((u64)c0 & LIMB) + 19 * (u64)(c4 >> 51);
  r.limb[0] = first & LIMB;
  r.limb[1] = ((u64)c1 & LIMB) + (first >> 51);
  r.limb[2] = (u64)c2 & LIMB;
  r.limb[3] = (u64)c3 & LIMB;
  r.limb[4] = (u64)c4 & LIMB;
  return r;
}

/* a·b: loose, loose -> tidy. */
INLINE Field field_multiply(const Field *a, const Field *b) {
  u64 a0 = a->limb[0], a1 = a->limb[1], a2 = a->limb[2], a3 = a->limb[3], a4 = a->limb[4];
  u64 b0 = b->limb[0], b1 = b->limb[1], b2 = b->limb[2], b3 = b->limb[3], b4 = b->limb[4];
  u64 w1 = 19 * b1, w2 = 19 * b2, w3 = 19 * b3,
      w4 = 19 * b4; /* 2^255 = 19: what wraps round comes back 19-fold */
  return field_columns(WIDE(a0, b0) + WIDE(a1, w4) + WIDE(a2, w3) + WIDE(a3, w2) + WIDE(a4, w1),
                       WIDE(a0, b1) + WIDE(a1, b0) + WIDE(a2, w4) + WIDE(a3, w3) + WIDE(a4, w2),
                       WIDE(a0, b2) + WIDE(a1, b1) + WIDE(a2, b0) + WIDE(a3, w4) + WIDE(a4, w3),
                       WIDE(a0, b3) + WIDE(a1, b2) + WIDE(a2, b1) + WIDE(a3, b0) + WIDE(a4, w4),
                       WIDE(a0, b4) + WIDE(a1, b3) + WIDE(a2, b2) + WIDE(a3, b1) + WIDE(a4, b0));
}

/* a²: loose -> tidy. */
INLINE Field field_square(const Field *a) {
  u64 a0 = a->limb[0], a1 = a->limb[1], a2 = a->limb[2], a3 = a->limb[3], a4 = a->limb[4];
  u64 d0 = 2 * a0, d1 = 2 * a1, d2 = 2 * a2, w3 = 19 * a3, w4 = 19 * a4;
  return field_columns(WIDE(a0, a0) + WIDE(d1, w4) + WIDE(d2, w3), WIDE(d0, a1) + WIDE(d2, w4) + WIDE(a3, w3),
                       WIDE(d0, a2) + WIDE(a1, a1) + WIDE(2 * a3, w4),
                       WIDE(d0, a3) + WIDE(d1, a2) + WIDE(a4, w4),
                       WIDE(d0, a4) + WIDE(d1, a3) + WIDE(a2, a2));
}

/* a + b, limb by limb: tidy, tidy -> below 2^52 + 2^15. */
INLINE Field field_add(const Field *a, const Field *b) {
  Field r;
  for (int i = 0; i < 5; i++) r.limb[i] = a->limb[i] + b->limb[i];
  return r;
}

/* a - b: a below 2^53, b below 2^53 - 76 -> loose. */
INLINE Field field_subtract(const Field *a, const Field *b) {
  Field r;
  r.limb[0] = a->limb[0] + FOUR_P_0 - b->limb[0];
  for (int i = 1; i < 5; i++) r.limb[i] = a->limb[i] + FOUR_P_REST - b->limb[i];
  return r;
}

/* The same number, tidy: loose -> tidy. */
INLINE Field field_tidy(Field a) {
  u64 up[5];
  for (int i = 0; i < 5; i++) up[i] = a.limb[i] >> 51;
  a.limb[0] = (a.limb[0] & LIMB) + 19 * up[4];
  for (int i = 1; i < 5; i++) a.limb[i] = (a.limb[i] & LIMB) + up[i - 1];
  return a;
}

/* -a: tidy -> tidy. */
INLINE Field field_negate(const Field *a) { return field_tidy(field_subtract(&FIELD_ZERO, a)); }

/* The one representative below p: loose -> limbs below 2^51. */
static Field field_canonical(Field a) {
  a = field_tidy(field_tidy(a));
  /* a + 19 reaches 2^255 exactly when a is p or more. */
  u64 over = (a.limb[0] + 19) >> 51;
  for (int i = 1; i < 5; i++) over = (a.limb[i] + over) >> 51;
  a.limb[0] += 19 * over;
  for (int i = 0; i < 4; i++) {
    a.limb[i + 1] += a.limb[i] >> 51;
    a.limb[i] &= LIMB;
  }
  a.limb[4] &= LIMB;
  return a;
}

/* Whether two canonical numbers are one. */
INLINE int field_same(const Field *a, const Field *b) {
  u64 different = 0;
  for (int i = 0; i < 5; i++) different |= a->limb[i] ^ b->limb[i];
  return different == 0;
}

static int field_is_zero(Field a) {
  a = field_canonical(a);
  return field_same(&a, &FIELD_ZERO);
}

/* Negative is odd (RFC 9496, 3.1). */
static int field_is_negative(Field a) { return (int)(field_canonical(a).limb[0] & 1); }

static Field field_absolute(Field a) { return field_is_negative(a) ? field_negate(&a) : a; }

/* 255 bits little-endian; bit 255 is left out, and a number of p or more is taken modulo p: a strict reader
   compares with what field_write gives. */
static Field field_read(const u8 *from) {
  u64 w0 = word_read(from), w1 = word_read(from + 8), w2 = word_read(from + 16), w3 = word_read(from + 24);
  Field r = {{w0 & LIMB, ((w0 >> 51) | (w1 << 13)) & LIMB, ((w1 >> 38) | (w2 << 26)) & LIMB,
              ((w2 >> 25) | (w3 << 39)) & LIMB, (w3 >> 12) & LIMB}};
  return r;
}

static void field_write(u8 *to, Field a) {
  a = field_canonical(a);
  word_write(to, a.limb[0] | (a.limb[1] << 51));
  word_write(to + 8, (a.limb[1] >> 13) | (a.limb[2] << 38));
  word_write(to + 16, (a.limb[2] >> 26) | (a.limb[3] << 25));
  word_write(to + 24, (a.limb[3] >> 39) | (a.limb[4] << 12));
}

INLINE Field field_square_times(Field a, int times) {
  while (times--) a = field_square(&a);
  return a;
}

/* a^((p - 5) / 8) = a^(2^252 - 3): loose -> tidy. */
static Field field_power(const Field *a) {
  Field t2 = field_square(a);           /* 2 */
  Field t9 = field_square_times(t2, 2); /* 8 */
  t9 = field_multiply(&t9, a);          /* 9 */
  Field t11 = field_multiply(&t9, &t2); /* 11 */
  Field e5 = field_square(&t11);        /* 22 */
  e5 = field_multiply(&e5, &t9);        /* 2^5 - 1 */
  Field e10 = field_square_times(e5, 5);
  e10 = field_multiply(&e10, &e5); /* 2^10 - 1 */
  Field e20 = field_square_times(e10, 10);
  e20 = field_multiply(&e20, &e10); /* 2^20 - 1 */
  Field e40 = field_square_times(e20, 20);
  e40 = field_multiply(&e40, &e20); /* 2^40 - 1 */
  Field e50 = field_square_times(e40, 10);
  e50 = field_multiply(&e50, &e10); /* 2^50 - 1 */
  Field e100 = field_square_times(e50, 50);
  e100 = field_multiply(&e100, &e50); /* 2^100 - 1 */
  Field e200 = field_square_times(e100, 100);
  e200 = field_multiply(&e200, &e100); /* 2^200 - 1 */
  Field e250 = field_square_times(e200, 50);
  e250 = field_multiply(&e250, &e50); /* 2^250 - 1 */
  e250 = field_square_times(e250, 2);
  return field_multiply(&e250, a); /* 2^252 - 3 */
}

/* SQRT_RATIO_M1(1, v) of RFC 9496, 4.2: whether v is a square, and the nonnegative 1/sqrt(v) or
   1/sqrt(root·v). v = 0 gives 0 and "no square". */
static int field_inverse_root(Field *root, const Field *v) {
  Field v2 = field_square(v), v3 = field_multiply(&v2, v), v6 = field_square(&v3),
        v7 = field_multiply(&v6, v);
  Field power = field_power(&v7), r = field_multiply(&v3, &power), r2 = field_square(&r);
  Field check = field_multiply(v, &r2);
  check = field_canonical(check);
  int right = field_same(&check, &FIELD_ONE), flipped = field_same(&check, &MINUS_ONE);
  if (flipped || field_same(&check, &MINUS_ROOT)) r = field_multiply(&r, &ROOT);
  *root = field_absolute(r);
  return right || flipped;
}
#endif
