/* Words of memory. The module is freestanding: it has no library and imports nothing. */
#ifndef WORDS_H
#define WORDS_H

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned __int128 u128;
typedef short i16;
typedef int i32;

#define INLINE static inline __attribute__((always_inline))

/* WebAssembly is little-endian and reads words at any address. */
typedef struct __attribute__((packed, may_alias)) {
  u64 word;
} Unaligned;

INLINE u64 word_read(const u8 *from) { return ((const Unaligned *)from)->word; }
INLINE void word_write(u8 *to, u64 word) { ((Unaligned *)to)->word = word; }
#endif
