/* Points of edwards25519, -x² + y² = 1 + d·x²·y², and ristretto255 over it (RFC 9496).

   A `Point` is in extended coordinates x = X/Z, y = Y/Z, T = XY/Z, all tidy. A `Ready` point has Z = 1 and is
   prepared for additions: y + x, y - x, 2d·x·y. Variable time: public values only. */
#ifndef CURVE_H
#define CURVE_H
#include "field.h"

typedef struct {
  Field x, y, z, t;
} Point;

typedef struct {
  Field sum, difference, product;
} Ready;

static const Point POINT_ZERO = {{{0}}, {{1}}, {{1}}, {{0}}};

INLINE Ready point_ready(const Field *x, const Field *y, const Field *xy) {
  Ready r = {field_tidy(field_add(y, x)), field_tidy(field_subtract(y, x)), field_multiply(xy, &D2)};
  return r;
}

/* The common end of all additions: E·F, G·H, F·G, E·H out of four loose numbers. */
INLINE Point point_cross(const Field *e, const Field *f, const Field *g, const Field *h) {
  Point r = {field_multiply(e, f), field_multiply(g, h), field_multiply(f, g), field_multiply(e, h)};
  return r;
}

/* p + (sum, difference, product); with the first two exchanged and the third negated it is p minus the point.
 */
INLINE Point point_add_parts(const Point *p, const Field *sum, const Field *difference,
                             const Field *product) {
  Field a = field_subtract(&p->y, &p->x), b = field_add(&p->y, &p->x);
  a = field_multiply(&a, difference);
  b = field_multiply(&b, sum);
  Field c = field_multiply(&p->t, product), d = field_add(&p->z, &p->z);
  Field e = field_subtract(&b, &a), f = field_subtract(&d, &c), g = field_add(&d, &c), h = field_add(&b, &a);
  return point_cross(&e, &f, &g, &h);
}

INLINE Point point_add_ready(const Point *p, const Ready *q) {
  return point_add_parts(p, &q->sum, &q->difference, &q->product);
}

INLINE Point point_subtract_ready(const Point *p, const Ready *q) {
  Field minus = field_negate(&q->product);
  return point_add_parts(p, &q->difference, &q->sum, &minus);
}

static Point point_add(const Point *p, const Point *q) {
  Field a = field_subtract(&p->y, &p->x), a2 = field_subtract(&q->y, &q->x);
  Field b = field_add(&p->y, &p->x), b2 = field_add(&q->y, &q->x);
  a = field_multiply(&a, &a2);
  b = field_multiply(&b, &b2);
  Field c = field_multiply(&p->t, &q->t), d = field_multiply(&p->z, &q->z);
  c = field_multiply(&c, &D2);
  d = field_add(&d, &d);
  Field e = field_subtract(&b, &a), f = field_subtract(&d, &c), g = field_add(&d, &c), h = field_add(&b, &a);
  return point_cross(&e, &f, &g, &h);
}

static Point point_double(const Point *p) {
  Field a = field_square(&p->x), b = field_square(&p->y), c = field_square(&p->z), h = field_add(&a, &b);
  Field xy = field_add(&p->x, &p->y);
  xy = field_square(&xy);
  /* c is tidy, so 2c is below 2^53; g is below 2^53 + 2^52; their sum is below 2^54. */
  Field e = field_subtract(&h, &xy), g = field_subtract(&a, &b), f;
  for (int i = 0; i < 5; i++) f.limb[i] = 2 * c.limb[i] + g.limb[i];
  return point_cross(&e, &f, &g, &h);
}

static Point point_of_ready(const Ready *q) { return point_add_ready(&POINT_ZERO, q); }

/* Whether the ristretto element is O: its coset holds the four points with x = 0 or y = 0. */
static int point_is_ristretto_zero(const Point *p) { return field_is_zero(p->x) || field_is_zero(p->y); }

/* Whether the point itself is the neutral one of the curve: x = 0 and y = z. */
static int point_is_zero(const Point *p) {
  return field_is_zero(p->x) && field_is_zero(field_subtract(&p->y, &p->z));
}

/* Whether 32 bytes are what field_write gives for this number. */
INLINE int field_stands_at(const u8 *bytes, const Field *a) {
  u8 again[32];
  field_write(again, *a);
  u64 different = 0;
  for (int i = 0; i < 32; i += 8) different |= word_read(again + i) ^ word_read(bytes + i);
  return different == 0;
}

/* The strict DECODE of RFC 9496, 4.3.1. 0: not a point; 1: a point; 2: O, which most clauses do not allow. */
static u8 ristretto_decode(Ready *out, const u8 *bytes) {
  Field s = field_read(bytes);
  if ((bytes[0] & 1) || !field_stands_at(bytes, &s)) return 0; /* negative; p or more, or bit 255 set */
  Field ss = field_square(&s);
  Field u1 = field_tidy(field_subtract(&FIELD_ONE, &ss)), u2 = field_add(&FIELD_ONE, &ss);
  Field u2_squared = field_square(&u2), v = field_square(&u1);
  v = field_multiply(&D, &v);
  v = field_add(&v, &u2_squared);
  v = field_tidy(field_subtract(&FIELD_ZERO, &v)); /* -(d·u1²) - u2² */
  Field w = field_multiply(&v, &u2_squared), root;
  int square = field_inverse_root(&root, &w);
  Field den_x = field_multiply(&root, &u2), den_y = field_multiply(&root, &den_x);
  den_y = field_multiply(&den_y, &v);
  Field x = field_add(&s, &s);
  x = field_multiply(&x, &den_x);
  x = field_absolute(x);
  Field y = field_multiply(&u1, &den_y), xy = field_multiply(&x, &y);
  if (!square || field_is_negative(xy) || field_is_zero(y)) return 0;
  *out = point_ready(&x, &y, &xy);
  return field_is_zero(s) ? 2 : 1;
}

/* ENCODE of RFC 9496, 4.3.2. */
static void ristretto_encode(u8 *out, const Point *p) {
  Field a = field_add(&p->z, &p->y), b = field_subtract(&p->z, &p->y);
  Field u1 = field_multiply(&a, &b), u2 = field_multiply(&p->x, &p->y), u2_squared = field_square(&u2);
  Field w = field_multiply(&u1, &u2_squared), root;
  field_inverse_root(&root, &w);
  Field den1 = field_multiply(&root, &u1), den2 = field_multiply(&root, &u2);
  Field z_inverse = field_multiply(&den1, &den2);
  z_inverse = field_multiply(&z_inverse, &p->t);
  Field x = p->x, y = p->y, inverse = den2, t_over_z = field_multiply(&p->t, &z_inverse);
  if (field_is_negative(t_over_z)) {
    x = field_multiply(&p->y, &ROOT);
    y = field_multiply(&p->x, &ROOT);
    inverse = field_multiply(&den1, &ROOT_OF_A_MINUS_D);
  }
  Field x_over_z = field_multiply(&x, &z_inverse);
  if (field_is_negative(x_over_z)) y = field_negate(&y);
  Field s = field_subtract(&p->z, &y);
  s = field_multiply(&inverse, &s);
  field_write(out, field_absolute(s));
}

/* An Edwards point in the encoding of RFC 8032 (5.1.3), canonical, and not of small order
   (docs/protocol.md 1.2). 1 or 0. A point whose order is 8 or less times a prime part passes: see
   signatures.h. */
static int edwards_decode(Ready *out, const u8 *bytes) {
  u8 plain[32];
  for (int i = 0; i < 32; i++) plain[i] = bytes[i];
  plain[31] &= 0x7f;
  Field y = field_read(plain);
  if (!field_stands_at(plain, &y)) return 0;
  Field yy = field_square(&y), u = field_tidy(field_subtract(&yy, &FIELD_ONE)), v = field_multiply(&D, &yy);
  v = field_add(&v, &FIELD_ONE);
  /* x² = u/v; 1/sqrt(uv) times u is sqrt(u/v). u = 0 is x = 0, a point of small order. */
  Field uv = field_multiply(&u, &v), root;
  if (!field_inverse_root(&root, &uv)) return 0;
  Field x = field_multiply(&u, &root);
  if (field_is_negative(x) != bytes[31] >> 7) x = field_negate(&x);
  Field xy = field_multiply(&x, &y);
  *out = point_ready(&x, &y, &xy);
  Point eight = point_of_ready(out);
  for (int i = 0; i < 3; i++) eight = point_double(&eight);
  return !field_is_zero(eight.x);
}
#endif
