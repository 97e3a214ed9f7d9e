/* The steps of AES-128 (FIPS-197) that masking leaves as they are: those linear in the state, and the key schedule.
 * State bytes lie in the order of the input, so byte r + 4c is row r of column c. */

#include <stdint.h>

#include "sbox.h"

#define ROUNDS 10
#define ROUND_KEY_BYTES (16 * (ROUNDS + 1))

/* Multiply by x modulo x^8 + x^4 + x^3 + x + 1 (FIPS-197, 4.2.1), without a branch. */
static inline uint8_t xtime(uint8_t a)
{
	return (uint8_t)((a << 1) ^ ((a >> 7) * 0x1b));
}

/* Fill `round_keys`, ROUND_KEY_BYTES of them (5.2). */
__attribute__((noinline, unused)) static void expand_key(const uint8_t *key, uint8_t *round_keys)
{
	uint8_t round_constant = 1;

	for (unsigned i = 0; i < 16; i++)
		round_keys[i] = key[i];
	for (unsigned i = 16; i < ROUND_KEY_BYTES; i += 4) {
		uint8_t a = round_keys[i - 4];
		uint8_t b = round_keys[i - 3];
		uint8_t c = round_keys[i - 2];
		uint8_t d = round_keys[i - 1];

		if (i % 16 == 0) {
			const uint8_t first = a;

			a = sbox[b] ^ round_constant;
			b = sbox[c];
			c = sbox[d];
			d = sbox[first];
			round_constant = xtime(round_constant);
		}
		round_keys[i] = round_keys[i - 16] ^ a;
		round_keys[i + 1] = round_keys[i - 15] ^ b;
		round_keys[i + 2] = round_keys[i - 14] ^ c;
		round_keys[i + 3] = round_keys[i - 13] ^ d;
	}
}

/* Row r moves r places to the left (5.1.2). */
__attribute__((noinline)) static void shift_rows(uint8_t *block)
{
	const uint8_t row_1 = block[1];
	const uint8_t row_2 = block[2];
	const uint8_t row_2_next = block[6];
	const uint8_t row_3 = block[15];

	block[1] = block[5];
	block[5] = block[9];
	block[9] = block[13];
	block[13] = row_1;
	block[2] = block[10];
	block[10] = row_2;
	block[6] = block[14];
	block[14] = row_2_next;
	block[15] = block[11];
	block[11] = block[7];
	block[7] = block[3];
	block[3] = row_3;
}

/* Multiply each column by {03}x^3 + {01}x^2 + {01}x + {02} (5.1.3), with 3a = a + 2a drawn together. */
__attribute__((noinline)) static void mix_columns(uint8_t *block)
{
	for (unsigned i = 0; i < 16; i += 4) {
		const uint8_t a = block[i];
		const uint8_t b = block[i + 1];
		const uint8_t c = block[i + 2];
		const uint8_t d = block[i + 3];
		const uint8_t all = a ^ b ^ c ^ d;

		block[i] = a ^ all ^ xtime(a ^ b);
		block[i + 1] = b ^ all ^ xtime(b ^ c);
		block[i + 2] = c ^ all ^ xtime(c ^ d);
		block[i + 3] = d ^ all ^ xtime(d ^ a);
	}
}
