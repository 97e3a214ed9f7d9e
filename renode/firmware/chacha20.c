/* The block function of ChaCha20 (RFC 8439, 2.3): sixty-four bytes of key stream from a key, a counter and a nonce. It
 * adds, rotates and joins words, holds no table and takes one path, and its power shows all the same what it adds. */

#include <stdint.h>

uint8_t chacha_key[32];
uint8_t chacha_counter[4];
uint8_t chacha_nonce[12];
uint8_t chacha_stream[64];

void chacha20_block(void);

uint32_t chacha_first[16];
uint32_t chacha_state[16];

static inline uint32_t word_of(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static inline uint32_t turned(uint32_t word, unsigned bits)
{
	return word << bits | word >> (32 - bits);
}

/* The first quarter of the state: "expand 32-byte k". */
__attribute__((noinline)) static void load_key(void)
{
	chacha_first[0] = 0x61707865;
	chacha_first[1] = 0x3320646e;
	chacha_first[2] = 0x79622d32;
	chacha_first[3] = 0x6b206574;
	for (unsigned i = 0; i < 8; i++)
		chacha_first[4 + i] = word_of(chacha_key + 4 * i);
}

__attribute__((noinline)) static void load_nonce(void)
{
	chacha_first[12] = word_of(chacha_counter);
	for (unsigned i = 0; i < 3; i++)
		chacha_first[13 + i] = word_of(chacha_nonce + 4 * i);
	for (unsigned i = 0; i < 16; i++)
		chacha_state[i] = chacha_first[i];
}

__attribute__((noinline)) static void quarter_round(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	*a += *b;
	*d = turned(*d ^ *a, 16);
	*c += *d;
	*b = turned(*b ^ *c, 12);
	*a += *b;
	*d = turned(*d ^ *a, 8);
	*c += *d;
	*b = turned(*b ^ *c, 7);
}

__attribute__((noinline)) static void store_stream(void)
{
	for (unsigned i = 0; i < 16; i++) {
		const uint32_t word = chacha_state[i] + chacha_first[i];

		chacha_stream[4 * i] = (uint8_t)word;
		chacha_stream[4 * i + 1] = (uint8_t)(word >> 8);
		chacha_stream[4 * i + 2] = (uint8_t)(word >> 16);
		chacha_stream[4 * i + 3] = (uint8_t)(word >> 24);
	}
}

__attribute__((noinline)) void chacha20_block(void)
{
	uint32_t *const s = chacha_state;

	load_key();
	load_nonce();
	for (unsigned round = 0; round < 20; round += 2) {
		quarter_round(s, s + 4, s + 8, s + 12);
		quarter_round(s + 1, s + 5, s + 9, s + 13);
		quarter_round(s + 2, s + 6, s + 10, s + 14);
		quarter_round(s + 3, s + 7, s + 11, s + 15);
		quarter_round(s, s + 5, s + 10, s + 15);
		quarter_round(s + 1, s + 6, s + 11, s + 12);
		quarter_round(s + 2, s + 7, s + 8, s + 13);
		quarter_round(s + 3, s + 4, s + 9, s + 14);
	}
	store_stream();
}

int main(void)
{
	for (;;)
		chacha20_block();
}
