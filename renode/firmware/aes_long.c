/* AES-192 and AES-256 encryption of one block (FIPS-197), with the S-box as its only table and no countermeasure at all.
 * KEY_BYTES, 24 or 32, comes from the build; the steps of a round are those of AES-128. */

#include <stdint.h>

#include "aes128_steps.h"

#define KEY_WORDS (KEY_BYTES / 4)
#define LONG_ROUNDS (KEY_WORDS + 6)
#define SCHEDULE_BYTES (16 * (LONG_ROUNDS + 1))

#if KEY_BYTES == 24
#define ENCRYPT aes192_encrypt
#else
#define ENCRYPT aes256_encrypt
#endif

uint8_t aes_plaintext[16];
uint8_t aes_key[KEY_BYTES];
uint8_t aes_ciphertext[16];

void ENCRYPT(void);

uint8_t aes_round_keys[SCHEDULE_BYTES];
uint8_t aes_state[16];

/* Fill aes_round_keys (5.2): as for 128 bits, and with an S-box more in the middle of eight words. */
__attribute__((noinline)) static void expand_long_key(void)
{
	uint8_t round_constant = 1;

	for (unsigned i = 0; i < KEY_BYTES; i++)
		aes_round_keys[i] = aes_key[i];
	for (unsigned i = KEY_BYTES; i < SCHEDULE_BYTES; i += 4) {
		uint8_t word[4];

		for (unsigned j = 0; j < 4; j++)
			word[j] = aes_round_keys[i - 4 + j];
		if (i % KEY_BYTES == 0) {
			const uint8_t first = word[0];

			word[0] = sbox[word[1]] ^ round_constant;
			word[1] = sbox[word[2]];
			word[2] = sbox[word[3]];
			word[3] = sbox[first];
			round_constant = xtime(round_constant);
		} else if (KEY_WORDS > 6 && i % KEY_BYTES == 16) {
			for (unsigned j = 0; j < 4; j++)
				word[j] = sbox[word[j]];
		}
		for (unsigned j = 0; j < 4; j++)
			aes_round_keys[i + j] = aes_round_keys[i - KEY_BYTES + j] ^ word[j];
	}
}

__attribute__((noinline)) static void load_plaintext(void)
{
	for (unsigned i = 0; i < 16; i++)
		aes_state[i] = aes_plaintext[i];
}

__attribute__((noinline)) static void store_ciphertext(void)
{
	for (unsigned i = 0; i < 16; i++)
		aes_ciphertext[i] = aes_state[i];
}

__attribute__((noinline)) static void add_round_key(const uint8_t *round_key)
{
	for (unsigned i = 0; i < 16; i++)
		aes_state[i] ^= round_key[i];
}

__attribute__((noinline)) static void sub_bytes(void)
{
	for (unsigned i = 0; i < 16; i++)
		aes_state[i] = sbox[aes_state[i]];
}

__attribute__((noinline)) void ENCRYPT(void)
{
	expand_long_key();
	load_plaintext();
	add_round_key(aes_round_keys);
	for (unsigned round = 1; round < LONG_ROUNDS; round++) {
		sub_bytes();
		shift_rows(aes_state);
		mix_columns(aes_state);
		add_round_key(aes_round_keys + 16 * round);
	}
	sub_bytes();
	shift_rows(aes_state);
	add_round_key(aes_round_keys + 16 * LONG_ROUNDS);
	store_ciphertext();
}

int main(void)
{
	for (;;)
		ENCRYPT();
}
