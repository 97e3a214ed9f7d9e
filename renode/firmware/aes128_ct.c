/* AES-128 encryption of one block (FIPS-197) in constant time: no table, so no address depends on the key. The S-box is
 * computed from its definition, the inverse in GF(2^8) and an affine map, for the four bytes of a word at once.
 * A word is a column of the state, row 0 in its lowest byte. */

#include <stdint.h>

#define ROUNDS 10
#define COLUMNS 4

uint8_t aes_plaintext[16];
uint8_t aes_key[16];
uint8_t aes_ciphertext[16];

void aes128_ct_encrypt(void);

uint32_t aes_round_keys[COLUMNS * (ROUNDS + 1)];
uint32_t aes_state[COLUMNS];

static inline uint32_t rotate(uint32_t word, unsigned bits)
{
	return (word >> bits) | (word << (32 - bits));
}

/* Multiply each byte by x modulo x^8 + x^4 + x^3 + x + 1 (4.2.1). */
static inline uint32_t xtime(uint32_t bytes)
{
	return ((bytes & 0x7f7f7f7f) << 1) ^ (((bytes >> 7) & 0x01010101) * 0x1b);
}

/* Multiply byte by byte (4.2): a bit of b decides by a mask whether a is added. */
__attribute__((noinline)) static uint32_t multiply(uint32_t a, uint32_t b)
{
	uint32_t product = 0;

	for (unsigned bit = 0; bit < 8; bit++) {
		product ^= a & (((b >> bit) & 0x01010101) * 0xff);
		a = xtime(a);
	}
	return product;
}

/* Raise each byte to the power 254: its inverse, and 0 for 0. */
__attribute__((noinline)) static uint32_t inverse(uint32_t a)
{
	const uint32_t a2 = multiply(a, a);
	const uint32_t a3 = multiply(a2, a);
	const uint32_t a6 = multiply(a3, a3);
	const uint32_t a12 = multiply(a6, a6);
	const uint32_t a14 = multiply(a12, a2);
	const uint32_t a15 = multiply(a12, a3);
	uint32_t power = a15;

	for (unsigned i = 0; i < 4; i++)
		power = multiply(power, power);
	return multiply(power, a14);
}

/* Rotate each byte to the left. */
static inline uint32_t rotate_bytes(uint32_t bytes, unsigned bits)
{
	const uint32_t low = ((1u << bits) - 1) * 0x01010101;

	return ((bytes << bits) & ~low) | ((bytes >> (8 - bits)) & low);
}

__attribute__((noinline)) static uint32_t substitute(uint32_t bytes)
{
	const uint32_t a = inverse(bytes);

	return a ^ rotate_bytes(a, 1) ^ rotate_bytes(a, 2) ^ rotate_bytes(a, 3) ^ rotate_bytes(a, 4) ^ 0x63636363;
}

static inline uint32_t column_of(const uint8_t *block, unsigned column)
{
	const uint8_t *at = block + 4 * column;

	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

__attribute__((noinline)) static void expand_key(void)
{
	uint32_t round_constant = 1;

	for (unsigned i = 0; i < COLUMNS; i++)
		aes_round_keys[i] = column_of(aes_key, i);
	for (unsigned i = COLUMNS; i < COLUMNS * (ROUNDS + 1); i++) {
		uint32_t word = aes_round_keys[i - 1];

		if (i % COLUMNS == 0) {
			word = substitute(rotate(word, 8)) ^ round_constant;
			round_constant = xtime(round_constant);
		}
		aes_round_keys[i] = aes_round_keys[i - COLUMNS] ^ word;
	}
}

__attribute__((noinline)) static void add_round_key(unsigned round)
{
	for (unsigned i = 0; i < COLUMNS; i++)
		aes_state[i] ^= aes_round_keys[COLUMNS * round + i];
}

__attribute__((noinline)) static void sub_bytes(void)
{
	for (unsigned i = 0; i < COLUMNS; i++)
		aes_state[i] = substitute(aes_state[i]);
}

/* Row r of a column comes from the column r places on (5.1.2). */
__attribute__((noinline)) static void shift_rows(void)
{
	uint32_t shifted[COLUMNS];

	for (unsigned i = 0; i < COLUMNS; i++)
		shifted[i] = (aes_state[i] & 0xff) | (aes_state[(i + 1) % COLUMNS] & 0xff00) |
			     (aes_state[(i + 2) % COLUMNS] & 0xff0000) | (aes_state[(i + 3) % COLUMNS] & 0xff000000);
	for (unsigned i = 0; i < COLUMNS; i++)
		aes_state[i] = shifted[i];
}

/* Each row becomes 2 of itself, 3 of the next, and the other two (5.1.3). */
__attribute__((noinline)) static void mix_columns(void)
{
	for (unsigned i = 0; i < COLUMNS; i++) {
		const uint32_t a = aes_state[i];
		const uint32_t next = rotate(a, 8);

		aes_state[i] = xtime(a ^ next) ^ next ^ rotate(a, 16) ^ rotate(a, 24);
	}
}

__attribute__((noinline)) static void load_plaintext(void)
{
	for (unsigned i = 0; i < COLUMNS; i++)
		aes_state[i] = column_of(aes_plaintext, i);
}

__attribute__((noinline)) static void store_ciphertext(void)
{
	for (unsigned i = 0; i < sizeof(aes_ciphertext); i++)
		aes_ciphertext[i] = (uint8_t)(aes_state[i / 4] >> (8 * (i % 4)));
}

__attribute__((noinline)) void aes128_ct_encrypt(void)
{
	expand_key();
	load_plaintext();
	add_round_key(0);
	for (unsigned round = 1; round < ROUNDS; round++) {
		sub_bytes();
		shift_rows();
		mix_columns();
		add_round_key(round);
	}
	sub_bytes();
	shift_rows();
	add_round_key(ROUNDS);
	store_ciphertext();
}

int main(void)
{
	for (;;)
		aes128_ct_encrypt();
}
