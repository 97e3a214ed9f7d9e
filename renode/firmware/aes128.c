/* AES-128 encryption of one block (FIPS-197), with the S-box as its only table and no countermeasure at all: the key
 * schedule, then ten rounds on bytes. */

#include <stdint.h>

#include "aes128_steps.h"

uint8_t aes_plaintext[16];
uint8_t aes_key[16];
uint8_t aes_ciphertext[16];

void aes128_encrypt(void);

uint8_t aes_round_keys[ROUND_KEY_BYTES];
uint8_t aes_state[16];

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

__attribute__((noinline)) void aes128_encrypt(void)
{
	expand_key(aes_key, aes_round_keys);
	load_plaintext();
	add_round_key(aes_round_keys);
	for (unsigned round = 1; round < ROUNDS; round++) {
		sub_bytes();
		shift_rows(aes_state);
		mix_columns(aes_state);
		add_round_key(aes_round_keys + 16 * round);
	}
	sub_bytes();
	shift_rows(aes_state);
	add_round_key(aes_round_keys + 16 * ROUNDS);
	store_ciphertext();
}

#ifndef PART_OF_A_PROGRAM
int main(void)
{
	for (;;)
		aes128_encrypt();
}
#endif
